/** The bytes that are read over `createFetch()` are those that the server sent, however the network cut them. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFetch, isStreamError } from '../../src/fetch/index.ts'
import { runs, soon } from '../support/properties.ts'
import { bodyOf } from '../support/scripted-server.ts'

const folders = ['recordings', 'writers', 'languages'].map((name) => new URL(`../${name}/`, import.meta.url))
const FILES = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.(sse|ndjson|json|txt|bin)$/.test(name) && name !== 'index.json')
    .map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))] as const),
)
const TYPES: Readonly<Record<string, string>> = {
  sse: 'text/event-stream',
  ndjson: 'application/x-ndjson',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
  bin: 'application/vnd.amazon.eventstream',
}

/** All that a body brings, and what it ends with. */
async function read(response: Response): Promise<{ bytes: Uint8Array; error: unknown }> {
  const pieces: Uint8Array[] = []
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) pieces.push(part.value)
  } catch (error) {
    return { bytes: Buffer.concat(pieces), error }
  }
  return { bytes: Buffer.concat(pieces), error: undefined }
}

function over(name: string, bytes: Uint8Array, sizes: readonly number[], accept?: string): Promise<Response> {
  const type = TYPES[name.split('.').at(-1) ?? ''] ?? ''
  const fetch = createFetch({
    // No attempt after the first: a recording of a failure is asked for once.
    retry: false,
    fetch: async () =>
      new Response(bodyOf(bytes, { breaks: false, sizes }), { headers: { 'content-type': type } }),
  })
  const headers = { 'content-type': 'application/json', ...(accept && { accept }) }
  return fetch('http://provider.invalid/', { method: 'POST', body: '{}', headers })
}

describe.each([
  ['that asked for a stream', 'text/event-stream'],
  ['that said nothing', undefined],
])('to somebody %s', (_who, accept) => {
  test.each(FILES)('%s comes as it is', async (name, bytes) => {
    const { bytes: got, error } = await read(await over(name, bytes, [bytes.length], accept))
    expect(Buffer.compare(got, bytes)).toBe(0)
    if (error !== undefined) expect(isStreamError(error)).toBe(true)
  })
})

// A stream whose last event comes after the answer's end, read in pieces of each size: somewhere a piece arrives in the very
// turn in which the reply leaves the rest to the caller.
test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
  'what follows the answer comes, too, in pieces of %i',
  async (size) => {
    const [name, bytes] = FILES.find(
      ([name]) => name === 'anthropic-openrouter.sse',
    ) as (typeof FILES)[number]
    const { bytes: got } = await read(await over(name, bytes, [size], 'text/event-stream'))
    expect(Buffer.compare(got, bytes)).toBe(0)
  },
)

test('whatever pieces the network makes of them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FILES),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4_000 })), {
        minLength: 1,
        maxLength: 8,
      }),
      async ([name, bytes], sizes) => {
        const whole = await read(await over(name, bytes, [bytes.length], 'text/event-stream'))
        const { bytes: got, error } = await soon(
          over(name, bytes, sizes, 'text/event-stream').then(read),
          `${name} in pieces of ${sizes}`,
        )
        expect(Buffer.compare(got, bytes)).toBe(0)
        expect((error as Error | undefined)?.message).toBe((whole.error as Error | undefined)?.message)
      },
    ),
    runs(150),
  )
})
