/** Whatever happens: every answer has one verdict, and any reader from any event on sees exactly the rest. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClient } from '../../src/index.ts'
import { createRelay, memoryStore, type Relay, type Store } from '../../src/relay/index.ts'
import { chunk } from '../support/model.ts'
import { PATIENCE_MS, runs } from '../support/properties.ts'
import { answerIn, eventsIn } from '../support/relay.ts'

const END = `${chunk({}, 'stop')}data: [DONE]\n\n`
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** How a provider ends, and what the answer's verdict has to be. */
const ENDS = {
  whole: { more: END, breaks: false, code: 'done' },
  cut: { more: '', breaks: true, code: 'network' },
  short: { more: '', breaks: false, code: 'truncated' },
  refused: {
    more: 'data: {"error":{"message":"no","code":"context_length_exceeded"}}\n\n',
    breaks: false,
    code: 'context_length_exceeded',
  },
} as const

const scene = fc.record({
  words: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 12,
  }),
  end: fc.constantFrom(...(Object.keys(ENDS) as (keyof typeof ENDS)[])),
  /** Attempts that fail before anything was said. */
  before: fc.array(fc.constantFrom<'busy' | 'cut' | 'role'>('busy', 'cut', 'role'), { maxLength: 2 }),
  pieceBytes: fc.integer({ min: 1, max: 400 }),
  /** How many pieces come without a pause. */
  pieces: fc.integer({ min: 1, max: 40 }),
  /** Which operations of the store fail, and whether they do what they should all the same. */
  troubles: fc.array(fc.record({ at: fc.nat(25), isDone: fc.boolean() }), { maxLength: 3 }),
  readers: fc.array(
    fc.record({
      comesMs: fc.nat(40),
      after: fc.nat(16),
      relay: fc.nat(1),
      leavesAfter: fc.option(fc.integer({ min: 1, max: 9 })),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

function provider({ words, end, before, pieceBytes, pieces }: Scene): {
  fetch: typeof fetch
  asked: () => number
} {
  let asked = 0
  const answer = async (init?: RequestInit): Promise<Response> => {
    const fault = before[asked++]
    if (fault === 'busy') return new Response('{"error":{"message":"busy"}}', { status: 503 })
    const { more, breaks } = fault ? { more: '', breaks: true } : ENDS[end]
    const said = fault
      ? fault === 'role'
        ? chunk({ role: 'assistant' })
        : ''
      : words.map((content) => chunk({ content })).join('')
    const bytes = new TextEncoder().encode(said + more)
    let at = 0
    const body = new ReadableStream({
      async pull(controller) {
        if ((at / pieceBytes) % pieces === pieces - 1) await pause(1)
        if (init?.signal?.aborted) return controller.error(init.signal.reason)
        const piece = bytes.subarray(at, at + pieceBytes)
        at += pieceBytes
        if (piece.length > 0) controller.enqueue(piece)
        else if (breaks) controller.error(new TypeError('terminated'))
        else controller.close()
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  return { fetch: (_input, init) => answer(init), asked: () => asked }
}

/** The same logs for two relays, by way of a store that fails now and then. */
function sharedStores({ troubles }: Scene): Store[] {
  const common = memoryStore()
  const stops: ((id: string) => void)[] = []
  common.start({
    keepMs: 60_000,
    leaseMs: 5000,
    onWarning() {},
    onStop: (id) => stops.forEach((stop) => void stop(id)),
  })
  let count = 0
  const troubled = async <T>(act: () => Promise<T>): Promise<T> => {
    const trouble = troubles.find(({ at }) => at === count)
    count++
    if (trouble && !trouble.isDone) throw new Error('away')
    const result = await act()
    if (trouble) throw new Error('away')
    return result
  }
  const facade = (): Store => ({
    ...{ isShared: true, gatherMs: 2 },
    start: ({ onStop }) => void stops.push(onStop),
    open: (answer) => troubled(() => common.open(answer)),
    append: (...given) => troubled(() => common.append(...given)),
    end: (...given) => troubled(() => common.end(...given)),
    look: (id) => common.look(id),
    read: (id, signal) => common.read(id, signal),
    renew: (id) => troubled(() => common.renew(id)),
    stop: (id) => common.stop(id),
    isRead: async () => true,
    forget: (id) => common.forget(id),
  })
  return [facade(), facade()]
}

/** Reads on by id until it is over, leaving as often as it is told to. */
async function readAll(
  relay: Relay,
  address: string,
  from: number,
  leavesAfter: number | null,
): Promise<{ text: string; last: number }> {
  let all = ''
  let after = from
  for (let times = 0; times < 200; times++) {
    const response = await relay.fetch(new Request(address, { headers: { 'last-event-id': `${after}` } }))
    if (response.status === 204) return { text: all, last: after }
    // What the other relay was not told of yet is not there yet.
    if (response.status !== 200) {
      await response.text()
      await pause(10)
      continue
    }
    const reader = response.body!.getReader()
    let text = ''
    const decoder = new TextDecoder()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true })
      if (
        leavesAfter &&
        times < 5 &&
        eventsIn(text.slice(0, text.lastIndexOf('\n\n') + 2)).length >= leavesAfter
      ) {
        await reader.cancel()
        break
      }
    }
    const whole = text.slice(0, text.lastIndexOf('\n\n') + 2)
    all += whole
    after = Number(eventsIn(whole).at(-1)?.id ?? after)
    if (whole.includes(': holdfast ')) return { text: all, last: after }
  }
  throw new Error('A reader was left waiting')
}

test(
  'every answer has one verdict, and any reader sees exactly the rest',
  async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const { fetch, asked } = provider(given)
        const ai = createClient({
          baseUrl: 'http://model.test/v1',
          fetch,
          retry: { baseMs: 0, limit: 3 },
          breaker: false,
        })
        const [here, there] = sharedStores(given).map((store) =>
          createRelay({ ai, store, heartbeatMs: 3, onWarning() {} }),
        ) as [Relay, Relay]
        const post = await here.fetch(
          new Request('http://relay.test/answers', { method: 'POST', body: '{"model":"m"}' }),
        )
        const address = `http://relay.test${post.headers.get('content-location')}`
        const first = post.text()
        const readers = given.readers.map(async ({ comesMs, after, relay, leavesAfter }) => {
          await pause(comesMs)
          return { after, ...(await readAll(relay === 0 ? here : there, address, after, leavesAfter)) }
        })
        const canon = await first
        const events = eventsIn(canon)
        const { code } = ENDS[given.end]
        expect(answerIn(canon)).toEqual({
          text: given.words.join(''),
          end: code,
          state: code === 'done' ? 'done' : 'error',
        })
        expect(events.map(({ id }) => Number(id))).toEqual(events.map((_, at) => at + 1))
        for (const { after, text } of await Promise.all(readers)) {
          const read = eventsIn(text)
          if (after <= events.length) expect(read).toEqual(events.slice(after))
          else expect(new Set(read.map(({ data }) => data))).toEqual(new Set([events.at(-1)?.data]))
        }
        expect(asked()).toBe(given.before.length + 1)
      }),
      runs(150),
    )
  },
  4 * PATIENCE_MS,
)
