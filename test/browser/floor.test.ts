/** The built files ask for nothing that the oldest engines we name (README) do not have. */
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { beforeEach, describe, expect, test } from 'vitest'
import { meeting } from './asking.ts'
import { engines } from './engines.ts'
import { WHOLE } from './faults.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

const dist = new URL('../../dist/', import.meta.url)

/** What a page loads with one of the modules and its dependencies, translated no further. */
const bundle = (name: string) =>
  String(
    buildSync({
      entryPoints: [fileURLToPath(new URL(name, dist))],
      ...({ bundle: true, format: 'esm', target: 'esnext', write: false } as const),
    }).outputFiles[0]?.text,
  )

// Each is missing from Safari 16.4, Chrome 105 or Firefox 110. (`Symbol.asyncDispose` cannot be deleted.)
const NEWER = `({
  'URL': ['canParse', 'parse'],
  'AbortSignal': ['any', 'timeout'],
  'Promise': ['withResolvers', 'try'],
  'Object': ['groupBy'],
  'Map': ['groupBy'],
  'Array': ['fromAsync'],
  'Array.prototype': ['toSorted', 'toSpliced', 'toReversed', 'with'],
  'Uint8Array': ['fromBase64', 'fromHex'],
  'Uint8Array.prototype': ['toBase64', 'toHex'],
  'Uint8Array.prototype.__proto__': ['toSorted', 'toReversed', 'with'],
  'ArrayBuffer.prototype': ['transfer', 'transferToFixedLength', 'resize'],
  'String.prototype': ['isWellFormed', 'toWellFormed'],
  'Set.prototype': ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom'],
  'Map.prototype': ['getOrInsert', 'getOrInsertComputed'],
  'ReadableStream': ['from'],
  'ReadableStream.prototype': [Symbol.asyncIterator, 'values'],
  'Response': ['json'],
  'Response.prototype': ['bytes'],
  'Headers.prototype': ['getSetCookie'],
  'RegExp': ['escape'],
  'Error': ['isError', 'captureStackTrace'],
  'Crypto.prototype': ['randomUUID'],
  'Element.prototype': ['checkVisibility', 'moveBefore', 'setHTML'],
  '[].values().__proto__.__proto__': ['map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray', 'forEach', 'some', 'every', 'find'],
  'globalThis': ['Iterator', 'AsyncDisposableStack', 'DisposableStack', 'scheduler', 'requestIdleCallback', 'Highlight'],
})`

/** Takes the newer things away; in each engine there are some. */
const age = `(() => {
  let taken = 0
  for (const [path, names] of Object.entries(${NEWER})) {
    const owner = (0, eval)(path)
    for (const name of names) {
      if (!(name in owner)) continue
      if (!Reflect.deleteProperty(owner, name) || name in owner) throw new Error(path + ' keeps ' + String(name))
      taken++
    }
  }
  return taken
})()`

describe.each(engines)('in an older $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeEach(() => driver.goto(`${server.origin}/`))

  const shown = (load: string, url: string) =>
    driver.evaluate(`(async () => {
      const { createClient, render } = await ${load}
      const element = document.querySelector('p')
      const client = createClient({ retry: { baseMs: 1 }, idempotencyKey: true, maxConcurrent: 2 })
      const reply = client.stream(${JSON.stringify(url)}, { json: {}, signal: new AbortController().signal })
      await render(reply, element)
      const bad = await client.stream('/nowhere', { retry: false }).answer().catch(({ code }) => code)
      return [element.textContent, await reply.text(), bad]
    })()`)

  test('the file for a <script> answers', async () => {
    expect(await driver.evaluate(age)).toBeGreaterThan(20)
    const { url } = meeting('no fault', server)
    expect(await shown("import('/holdfast.js')", url)).toEqual([WHOLE, WHOLE, 'http'])
  })

  test('the modules and their dependencies answer', async () => {
    expect(await driver.evaluate(age)).toBeGreaterThan(20)
    const { id, url } = meeting('no fault', server)
    const source = `import(URL.createObjectURL(new Blob([${JSON.stringify(bundle('index.js'))}], { type: 'text/javascript' })))`
    expect(await shown(source, url)).toEqual([WHOLE, WHOLE, 'http'])
    expect(server.keysOf(id)[0]).not.toBe('')
  })
})

test.each(['index.js', 'core.js', 'dom.js', 'dialects.js', 'testing.js', 'holdfast.min.js'])(
  'no look-behind is in dist/%s and what it imports',
  (name) => {
    expect(bundle(name).match(/\(\?<[=!].{0,40}/g) ?? []).toEqual([])
  },
)
