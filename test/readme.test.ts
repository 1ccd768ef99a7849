/** What the README says is true: its code runs, its tables are the defaults, its size is the build's. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { Window } from 'happy-dom'
import * as smd from 'streaming-markdown'
import ts from 'typescript'
import { describe, expect, test, vi } from 'vitest'
import { transcriptLimits } from '../src/answer/bound.ts'
import * as core from '../src/core.ts'
import * as dialects from '../src/dialects/index.ts'
import * as holdfast from '../src/index.ts'
import { OPTION_NAMES, streamDefaults } from '../src/options.ts'
import { breakerDefaults } from '../src/policy/breaker.ts'
import { retryDefaults } from '../src/policy/retry.ts'
import * as relays from '../src/relay/index.ts'
import { relayDefaults } from '../src/relay/options.ts'
import * as store from '../src/store/index.ts'
import * as testing from '../src/testing/index.ts'
import { sseLimits } from '../src/wire/sse.ts'
import { begun, whole } from './support/chat.ts'
import { useServer } from './support/use-server.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const allSnippets = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')
const isRelays = (code: string): boolean => code.includes('holdfast/relay')
const snippets = allSnippets.filter((code) => !isRelays(code))
const modules = {
  holdfast,
  'holdfast/core': core,
  'holdfast/dialects': dialects,
  'holdfast/relay': relays,
  'holdfast/store': store,
  'holdfast/testing': testing,
  'streaming-markdown': smd,
}
const server = useServer()

function withoutImports(code: string): string {
  return code.replace(
    /import (\{[^}]*\}|\* as \w+) from ('[^']+')/g,
    (_, names, specifier) => `const ${names.replace('* as ', '')} = modules[${specifier}]`,
  )
}

describe('the relay of the README', () => {
  test('answers', async () => {
    server.play(whole('Hel', 'lo'))
    const [code = ''] = allSnippets.filter(isRelays)
    const runnable = withoutImports(code)
      .replace("'https://api.openai.com/v1'", 'baseUrl')
      .replace(/export const (.*)$/m, 'const $1; return { POST, GET }')
    const given = { modules, baseUrl: new URL('/v1', server.url).href, userOf: () => 'somebody' }
    const run = new Function(...Object.keys(given), runnable)
    const { POST, GET } = run(...Object.values(given)) as Record<string, relays.Relay['fetch']>
    const asked = new Request('http://own.test/api/chat', { method: 'POST', body: '{"messages":[]}' })
    const response = await POST?.(asked)
    expect(await response?.text()).toMatch(/Hel[\s\S]*lo[\s\S]*: holdfast done/)
    const again = new Request(`http://own.test${response?.headers.get('content-location')}`)
    expect(await (await GET?.(again))?.text()).toContain(': holdfast done')
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ model: 'gpt-4.1-mini', messages: [] })
  })

  test.each(Object.entries(relayDefaults).filter(([name]) => name.endsWith('Ms')))(
    'has %s as it is told: %d ms',
    (name, ms) => {
      const [, told] = new RegExp(`^\\| \`${name}\` \\| ([^|]*) \\|`, 'm').exec(readme) ?? []
      expect(told).toBe(ms === 0 ? 'off' : String(ms).replace(/\B(?=(\d{3})+$)/g, ' '))
    },
  )
})

describe('the code of the README', () => {
  test('begins by line 6 and shows the whole of it by line 16', () => {
    const lines = readme.split('\n')
    expect(lines.indexOf('```js') + 1).toBeLessThanOrEqual(6)
    expect(lines.indexOf('```') + 1).toBeLessThanOrEqual(16)
    expect(snippets.length).toBeGreaterThanOrEqual(7)
  })

  test.each(
    snippets.map((code) => [code.split('\n').find((line) => /stream\(|createClient\(/.test(line)), code]),
  )('runs: %s', async (_line, code) => {
    server.play(code?.includes('reply.cancel') ? begun(['Hel'], 'HANG') : whole('Hel', 'lo'))
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const window = new Window({ url: server.url })
    const { document, localStorage } = window
    document.body.innerHTML = '<p id="output"></p><p id="status"></p>'
    vi.stubGlobal('document', document)
    // In the page's place: a base for its relative URLs.
    const runnable = withoutImports(code ?? '')
      .replaceAll("'/api/chat'", 'url')
      .replaceAll("'/api'", 'new URL(url).origin')
    const free = {
      ...{ modules, document, localStorage, messages: [], url: server.url },
      addEventListener: window.addEventListener.bind(window),
      ...{ output: document.querySelector('#output'), banner: document.querySelector('#status') },
    }
    const run = new Function(...Object.keys(free), `return (async () => { ${runnable} })()`)
    await run(...Object.values(free))
    await expect.poll(() => server.requests.length + log.mock.calls.length).toBeGreaterThan(0)
    expect(document.querySelector('#status')?.textContent).toMatch(/^(The answer is complete\.)?$/)
    if (code?.includes('render(')) expect(document.querySelector('#output')?.textContent).toBe('Hello')
    await expect.poll(() => server.openSockets).toBe(0)
  })
})

describe('the table of options', () => {
  const rows = [...readme.matchAll(/^\| `([\w.]+)`(?: \(client\))? \| ([^|]*) \|/gm)].map(
    ([, name, value]) => [name, value],
  )
  const table = Object.fromEntries(rows) as Record<string, string>
  const { shouldRetry: _, statuses, budget, ...retry } = retryDefaults
  const defaults: Record<string, unknown> = {
    ...prefixed('timeouts', holdfast.patient),
    ...prefixed('retry', retry),
    ...prefixed('retry.budget', budget as object),
    ...prefixed('breaker', breakerDefaults),
    maxConcurrent: 0,
    idempotencyKey: false,
    allowKeyInBrowser: false,
    ...streamDefaults,
    ...sseLimits,
    ...transcriptLimits,
    'retry.statuses': statuses.join(' '),
  }

  test.each(Object.entries(defaults))('gives the default of %s', (name, value) => {
    expect(table[name]).toBe(typeof value === 'string' && !value.includes(' ') ? `'${value}'` : String(value))
  })

  test("names every option, but for those that are every request's, and no other", () => {
    const section = /^## Options$([\s\S]*?)^## /m.exec(readme)?.[1] ?? ''
    const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell ?? '')
    const named = cells
      .filter((cell) => !cell.includes('(client)'))
      .flatMap((cell) => [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name))
    const everyRequests =
      'cache credentials integrity keepalive mode priority redirect referrer referrerPolicy'
    expect(new Set([...named, ...everyRequests.split(' ')])).toEqual(new Set(OPTION_NAMES))
  })
})

test('the table of errors lists every code', () => {
  const codes = [...readme.matchAll(/^\| `([\w-]+)` \| [^|]+ \| [^|]* ?\|$/gm)].map(([, code]) => code)
  const classes = Object.values(holdfast).filter(
    (value) => typeof value === 'function' && Object.getPrototypeOf(value) === holdfast.StreamError,
  )
  for (const code of [
    'aborted',
    'timeout',
    'network',
    'http',
    'api',
    'truncated',
    'protocol',
    'circuit-open',
    'callback',
  ])
    expect(codes).toContain(code)
  expect(classes).toHaveLength(9)
})

test('the size is the size of the build', () => {
  const built =
    gzipSync(readFileSync(new URL('../dist/holdfast.min.js', import.meta.url)), { level: 9 }).length / 1000
  const claimed = Number(/<!-- size -->([\d.]+) kB/.exec(readme)?.[1])
  expect(Math.abs(claimed - built), `it is ${built.toFixed(1)} kB`).toBeLessThanOrEqual(0.1)
})

test('the self-contained file imports nothing', () => {
  const built = readFileSync(new URL('../dist/holdfast.min.js', import.meta.url), 'utf8')
  expect(ts.preProcessFile(built).importedFiles).toEqual([])
})

function prefixed(name: string, values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]))
}
