/** A stream that broke is gone on with where the server can, on real sockets: nothing twice, nothing lost. */
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Checkpoint,
  type Dialect,
  openaiChat,
  type Retry,
  type StreamFailure,
  type StreamOptions,
  stream,
} from '../../src/index.ts'
import { begun, DONE, finish, json, text, whole } from '../support/chat.ts'
import type { Script, Step } from '../support/fault-server.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const quick: StreamOptions = { retry: { baseMs: 1 } }

afterEach(() => expect.poll(() => server.openSockets).toBe(0))

/** Events with ids, counted from `first`. */
function numbered(first: number, ...events: readonly string[]): string[] {
  return events.map((event, at) => `id: ${first + at}\n${event}`)
}

function steps(...all: readonly Step[]): Script {
  return { steps: [...all.slice(0, -1), { wait: 15 }, ...all.slice(-1)] }
}

const rest = (first: number, ...pieces: readonly string[]) =>
  steps(...numbered(first, ...pieces.map(text), finish(), DONE), 'END')

const asked = () => server.requests.map(({ method, headers }) => [method, headers['last-event-id']])

/** Everything that was said, as a page without `rewind` would show it. */
async function shown(options: StreamOptions) {
  const chunks: string[] = []
  const retries: Retry[] = []
  const outcome = await stream(server.url, {
    ...quick,
    onChunk: (piece) => void chunks.push(piece),
    onRetry: (retry) => void retries.push(retry),
    ...options,
  })
    .answer()
    .catch((error: StreamFailure) => error)
  return { text: chunks.join(''), retries, outcome }
}

describe('a GET with event ids', () => {
  test.each<[string, Step]>([
    ['reset', 'RST'],
    ['cut', 'END'],
    ['stalled', 'HANG'],
  ])('that is %s goes on after the last id', async (_what, end) => {
    server.play(steps(...numbered(1, text('The '), text('sea ')), end), rest(3, 'holds', ' fast.'))
    const { text: seen, retries, outcome } = await shown({ timeouts: { idleMs: 80 } })
    expect(seen).toBe('The sea holds fast.')
    expect(outcome).toMatchObject({ text: seen, finishReason: 'stop' })
    expect(asked()).toEqual([
      ['GET', undefined],
      ['GET', '2'],
    ])
    expect(retries).toMatchObject([{ action: 'resume', attempt: 2 }])
  })

  test.each<[string, Script]>([
    ['begins a little early', rest(2, 'sea ', 'holds')],
    ['starts over', rest(1, 'The ', 'sea ', 'holds')],
  ])('drops what a server sends once more that %s', async (_what, again) => {
    server.play(steps(...numbered(1, text('The '), text('sea ')), 'RST'), again)
    expect((await shown({})).text).toBe('The sea holds')
  })

  test('goes on again and again while it gets on', async () => {
    const pieces = ['a', 'b', 'c', 'd', 'e', 'f']
    server.play(...pieces.map((piece, at) => steps(...numbered(at + 1, text(piece)), 'RST')), rest(7, 'g'))
    const { text: seen, outcome } = await shown({})
    expect(seen).toBe('abcdefg')
    expect(outcome).toMatchObject({ text: 'abcdefg' })
    expect(server.requests).toHaveLength(7)
  })

  test('gives up at the limit on a server that accepts and dies', async () => {
    server.play(steps(...numbered(1, text('a')), 'RST'), { steps: [': hi\n\n', { wait: 5 }, 'RST'] })
    const { outcome } = await shown({})
    expect(outcome).toMatchObject({ code: 'network', answer: { text: 'a' } })
    // The limit counts from the last progress: one that got on, two that did not.
    expect(server.requests).toHaveLength(3)
  })

  test('gives up at the limit on a server that repeats itself and dies', async () => {
    server.play(steps(...numbered(1, text('a'), text('b')), 'RST'))
    const { text: seen, outcome } = await shown({})
    expect(seen).toBe('ab')
    expect(outcome).toMatchObject({ code: 'network' })
    expect(server.requests).toHaveLength(3)
  })

  test('waits as long as the server said in `retry:`', async () => {
    server.play(steps('retry: 120\n\n', ...numbered(1, text('a')), 'RST'), rest(2, 'b'))
    const { retries } = await shown({})
    expect(retries[0]?.delayMs).toBeGreaterThan(110)
  })

  test('is not gone on with by ids that name no place', async () => {
    const sameId = ['a', 'b', 'c'].map((piece) => `id: resp_1\n${text(piece)}`)
    server.play(steps(...sameId, 'RST'), whole('abc'))
    const { text: seen, outcome } = await shown({})
    expect(seen).toBe('abc')
    // Nobody agreed to a replay.
    expect(outcome).toMatchObject({ code: 'network', attempts: 1 })
  })

  test('whose stream the server has lost is asked for anew, with consent', async () => {
    server.play(steps(...numbered(1, text('The '), text('sea')), 'RST'), json(404, {}), whole('The tide'))
    const actions: string[] = []
    const kept: string[] = []
    const { outcome } = await shown({
      onRewind: (_rewind, answer) => void kept.push(answer.text),
      onRetry: ({ action }) => void actions.push(action),
    })
    expect(actions).toEqual(['resume', 'retry'])
    expect(kept).toEqual(['The '])
    expect(outcome).toMatchObject({ text: 'The tide' })
  })

  test('whose stream the server has lost fails without consent, and keeps what there was', async () => {
    server.play(steps(...numbered(1, text('The sea')), 'RST'), json(404, {}))
    expect((await shown({})).outcome).toMatchObject({
      code: 'http',
      status: 404,
      answer: { text: 'The sea' },
    })
    expect(server.requests).toHaveLength(2)
  })
})

describe('a POST with event ids', () => {
  const post = { json: { model: 'm' } }

  test('is not sent again without a word from the caller', async () => {
    server.play(steps(...numbered(1, text('The ')), 'RST'), rest(2, 'sea'))
    expect((await shown(post)).outcome).toMatchObject({ code: 'network', answer: { text: 'The ' } })
    expect(server.requests).toHaveLength(1)
  })

  test("is with recovery: 'resume'", async () => {
    server.play(steps(...numbered(1, text('The ')), 'RST'), rest(2, 'sea'))
    expect((await shown({ ...post, recovery: 'resume' })).text).toBe('The sea')
    expect(asked()).toEqual([
      ['POST', undefined],
      ['POST', '1'],
    ])
  })

  test("fails with recovery: 'resume' when the stream had no ids", async () => {
    server.play(begun(['The '], 'RST'))
    expect((await shown({ ...post, recovery: 'resume' })).outcome).toMatchObject({
      code: 'network',
      attempts: 1,
    })
  })
})

describe('the caller’s resume', () => {
  test('makes the request, from what has arrived', async () => {
    server.play(begun(['The ', 'sea '], 'RST'), whole('holds'))
    const seen: [string, string | undefined][] = []
    const { text: shownText } = await shown({
      json: { model: 'm' },
      headers: { 'x-user': '7' },
      resume: ({ text: sofar }, error) => {
        seen.push([sofar, error?.code])
        return { url: `/rest?from=${sofar.length}`, headers: { 'x-rest': 'yes' } }
      },
    })
    expect(shownText).toBe('The sea holds')
    expect(seen).toEqual([['The sea ', 'network']])
    expect(server.requests[1]).toMatchObject({
      method: 'GET',
      url: '/rest?from=8',
      body: '',
      headers: { 'x-user': '7', 'x-rest': 'yes' },
    })
  })

  test('may lead to another stream, which numbers its events as it likes', async () => {
    server.play(steps(...numbered(1, text('a'), text('b')), 'RST'), rest(1, 'c', 'd', 'e'))
    expect((await shown({ resume: () => ({ url: '/rest' }) })).text).toBe('abcde')
  })

  test('that asks by id itself gets the same stream, of which nothing is shown twice', async () => {
    server.play(steps(...numbered(1, text('a'), text('b')), 'RST'), rest(1, 'a', 'b', 'c'))
    const { text: seen } = await shown({
      resume: ({ position }) => ({ headers: { 'Last-Event-ID': position?.lastEventId ?? '' } }),
    })
    expect(seen).toBe('abc')
  })

  test('may send a body of its own, or the first one', async () => {
    server.play(begun(['a'], 'RST'), begun(['b'], 'RST'), whole('c'))
    let times = 0
    await shown({
      json: { model: 'm' },
      resume: () => (++times === 1 ? { json: { from: 1 } } : { headers: { 'x-from': '2' } }),
    })
    expect(server.requests.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{"model":"m"}'],
      ['POST', '{"from":1}'],
      ['POST', '{"model":"m"}'],
    ])
    expect(server.requests[2]?.headers).toMatchObject({ 'x-from': '2', 'content-type': 'application/json' })
  })

  test('that declines leaves it to a replay, with consent', async () => {
    server.play(begun(['The sea'], 'RST'), whole('The sea holds'))
    const { text: seen } = await shown({ json: {}, resume: () => undefined, onRewind: () => {} })
    expect(seen).toBe('The sea holds')
  })

  test('that declines fails without consent, for the reason the stream broke', async () => {
    server.play(begun(['The sea'], 'RST'))
    const { outcome } = await shown({ json: {}, resume: () => undefined })
    expect(outcome).toMatchObject({ code: 'network', answer: { text: 'The sea' } })
    expect(server.requests).toHaveLength(1)
  })

  test.each<[string, StreamOptions['resume']]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['gives a URL that is none', () => ({ url: 'ftp://x' })],
    ['gives a header that is none', () => ({ headers: { 'a b': 'c' } })],
  ])('that %s ends the reply and keeps what there was', async (_what, resume) => {
    server.play(begun(['The sea'], 'RST'))
    const { outcome } = await shown({ json: {}, resume })
    expect(outcome).toMatchObject({ code: 'callback', callback: 'resume', answer: { text: 'The sea' } })
    expect(server.requests).toHaveLength(1)
  })

  test('that never settles is no obstacle to an abort', async () => {
    server.play(begun(['The sea'], 'RST'))
    const controller = new AbortController()
    const { outcome } = await shown({
      json: {},
      signal: controller.signal,
      resume: () => {
        setTimeout(() => controller.abort(), 5)
        return new Promise(() => {})
      },
    })
    expect(outcome).toMatchObject({ code: 'aborted', answer: { text: 'The sea' } })
  })
})

describe('a dialect that can go on', () => {
  /** Counts its events, and asks for the rest by number. */
  const counting: Dialect = {
    name: 'counting',
    open(state) {
      let seen = typeof state === 'number' ? state : 0
      const reader = openaiChat.open()
      return {
        read(event, deltas) {
          seen++
          return reader.read(event, deltas)
        },
        state: () => seen,
      }
    },
    resume: (url, state) =>
      state === undefined ? undefined : { url: `${url}?after=${state}`, method: 'GET' },
  }

  test('is asked with its own request, and told where it was', async () => {
    server.play(
      steps(text('a'), text('b'), 'RST'),
      steps(text('c'), 'RST'),
      steps(text('d'), finish(), DONE, 'END'),
    )
    expect((await shown({ json: { model: 'm' }, dialect: counting })).text).toBe('abcd')
    expect(server.requests.map(({ method, url, body }) => [method, url.split('?')[1], body])).toEqual([
      ['POST', undefined, '{"model":"m"}'],
      ['GET', 'after=2', ''],
      ['GET', 'after=3', ''],
    ])
  })
})

describe('a checkpoint', () => {
  /** What a page would find in its storage after a reload. */
  async function keptFrom(options: StreamOptions): Promise<Checkpoint> {
    const reply = stream(server.url, { ...quick, ...options })
    for await (const delta of reply) if (delta.type === 'text' && delta.text === 'sea ') break
    return JSON.parse(JSON.stringify(reply.checkpoint()))
  }

  test('goes on in another page where the stream had got to', async () => {
    server.play(steps(...numbered(1, text('The '), text('sea ')), 'HANG'), rest(3, 'holds'))
    const from = await keptFrom({})
    const { text: seen, outcome } = await shown({ from })
    expect(seen).toBe('The sea holds')
    expect(outcome).toMatchObject({ text: 'The sea holds', stats: { attempts: [{ mode: 'resume' }] } })
    expect(asked()).toEqual([['GET', '2']].flatMap((each) => [['GET', undefined], each]))
  })

  test('keeps nothing of a batch that was not handed out to its end', async () => {
    server.play({ steps: [numbered(1, text('The '), text('sea '), text('holds ')).join(''), 'HANG'] })
    const checkpoints: (Checkpoint | undefined)[] = []
    const reply = stream(server.url, {
      ...quick,
      onChunk: () => {
        checkpoints.push(reply.checkpoint())
        if (checkpoints.length === 2) reply.cancel()
      },
    })
    await reply.answer().catch(() => {})
    checkpoints.push(reply.checkpoint())
    // Half a batch has no place in the stream: going on from there would lose the other half.
    for (const checkpoint of checkpoints) expect(checkpoint).toMatchObject({ text: '' })
    for (const checkpoint of checkpoints) expect(checkpoint?.position).toBeUndefined()
  })

  test('without a place is replayed with consent: what is repeated is left out', async () => {
    server.play(begun(['The ', 'sea '], 'HANG'), whole('The sea', ' holds'))
    const from = await keptFrom({ json: {} })
    expect(from.position).not.toHaveProperty('lastEventId')
    const { text: seen } = await shown({ json: {}, from, recovery: 'replay' })
    expect(seen).toBe('The sea holds')
  })

  test('without a place and without consent fails before anything is sent', async () => {
    server.play(begun(['The ', 'sea '], 'HANG'))
    const from = await keptFrom({ json: {} })
    const { outcome } = await shown({ json: {}, from })
    expect(outcome).toMatchObject({ code: 'truncated', attempts: 0, answer: { text: 'The sea ' } })
    expect(server.requests).toHaveLength(1)
  })

  test('holds no secret, and is gone when the answer is whole', async () => {
    server.play(whole('done'))
    const reply = stream(`${server.url}?key=sk-123456`, { ...quick, headers: { 'x-api-key': 'sk-123456' } })
    expect(JSON.stringify(reply.checkpoint())).not.toContain('sk-')
    await reply.answer()
    expect(reply.checkpoint()).toBeUndefined()
  })
})
