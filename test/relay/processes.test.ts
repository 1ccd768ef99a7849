/** Relays in processes of their own, that share a real Redis. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Model, startModel } from '../support/model.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { answerIn, closing, eventsIn, KEY, QUESTION } from '../support/relay.ts'
import { type RelayProcess, startRelayProcess } from '../support/relay-process.ts'

const LEASE_MS = 600

async function relaysOn(
  redis: TestRedis,
  count = 2,
  env: Record<string, string> = {},
  own: readonly Record<string, string>[] = [],
) {
  const model: Model = closing(await startModel(), (each) => each.close())
  const relays = await Promise.all(
    Array.from({ length: count }, (_, at) =>
      startRelayProcess({
        ...{ REDIS_URL: redis.url, UPSTREAM_URL: model.baseUrl, UPSTREAM_KEY: KEY },
        ...{ RELAY_LEASE_MS: `${LEASE_MS}`, RELAY_GRACE_MS: '300', ...env, ...own[at] },
      }),
    ),
  )
  for (const relay of relays) closing(relay, (each) => each.kill('SIGKILL'))
  return { model, relays, a: relays[0] as RelayProcess, b: (relays[1] ?? relays[0]) as RelayProcess }
}

const ask = (relay: RelayProcess, headers: Record<string, string> = {}) =>
  fetch(relay.url, { method: 'POST', body: JSON.stringify(QUESTION), headers })
const addressAt = (relay: RelayProcess, response: Response) =>
  relay.origin + response.headers.get('content-location')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Reads as it comes, and waits for what is wanted. */
function reading(response: Response) {
  let text = ''
  const over = (async () => {
    const decoder = new TextDecoder()
    try {
      for await (const bytes of response.body!) text += decoder.decode(bytes, { stream: true })
    } catch {
      text += '\n(broken)'
    }
    return text
  })()
  return { over, said: () => answerIn(text.slice(0, text.lastIndexOf('\n\n') + 2)).text }
}

/** What Redis says to a command, as text. */
function askRedis({ port }: TestRedis, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(`${command}\r\n`))
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.on('close', () => resolve(text))
  })
}

describe.skipIf(!hasRedis)('two processes', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  test('give one answer: asked on one, read on the other, character by character', async () => {
    const { model, a, b } = await relaysOn(redis)
    const asked = await ask(a)
    const local = reading(asked)
    const turn = (await model.turn(0)).say('Ol', 'á ')
    const foreign = reading(await fetch(addressAt(b, asked)))
    await expect.poll(foreign.said).toBe('Olá ')
    turn.say('🌊', '\n\n', 'fim')
    await expect.poll(foreign.said).toBe('Olá 🌊\n\nfim')
    turn.finish()
    const [one, other] = [await local.over, await foreign.over]
    expect(answerIn(other)).toEqual({ text: 'Olá 🌊\n\nfim', end: 'done', state: 'done' })
    expect(eventsIn(other)).toEqual(eventsIn(one))
    await expect
      .poll(async () => answerIn(await (await fetch(addressAt(b, asked))).text()).state)
      .toBe('done')
    const after = await fetch(`${addressAt(b, asked)}?after=${eventsIn(one).length}`)
    expect(after.status).toBe(204)
  })

  test('a stop on one ends the request that the other has sent', async () => {
    const { model, a, b } = await relaysOn(redis)
    const asked = await ask(a)
    const turn = (await model.turn(0)).say('Hel')
    const foreign = reading(await fetch(addressAt(b, asked)))
    await expect.poll(foreign.said).toBe('Hel')
    expect((await fetch(addressAt(b, asked), { method: 'DELETE' })).status).toBe(204)
    await turn.closed
    for (const each of [await asked.text(), await foreign.over])
      expect(answerIn(each)).toEqual({ text: 'Hel', end: 'stopped', state: 'stopped' })
  })

  test('a killed process leaves nobody waiting, and all are told the same', async () => {
    const { model, a, b } = await relaysOn(redis)
    const asked = await ask(a)
    ;(await model.turn(0)).say('Hel', 'lo')
    const local = reading(asked)
    const readers = [reading(await fetch(addressAt(b, asked))), reading(await fetch(addressAt(b, asked)))]
    for (const each of readers) await expect.poll(each.said).toBe('Hello')
    a.kill('SIGKILL')
    expect(await local.over).toContain('(broken)')
    for (const each of readers)
      expect(answerIn(await each.over)).toEqual({ text: 'Hello', end: 'lost', state: 'lost' })
    const late = await (await fetch(addressAt(b, asked))).text()
    expect(answerIn(late)).toEqual({ text: 'Hello', end: 'lost', state: 'lost' })
    const state = await fetch(addressAt(b, asked), { method: 'HEAD' })
    expect(state.headers.get('holdfast-state')).toBe('lost')
    // Who had read ahead of the log of it, too.
    const beyond = await (await fetch(`${addressAt(b, asked)}?after=99`)).text()
    expect(answerIn(beyond).end).toBe('lost')
  })

  test('a killed process whose answer nobody was reading is found out by the first who comes', async () => {
    const { model, a, b } = await relaysOn(redis)
    const asked = await ask(a)
    ;(await model.turn(0)).say('Hel')
    await expect.poll(reading(asked).said).toBe('Hel')
    // What a slow model says gathers so long on its way into the log.
    await pause(400)
    a.kill('SIGKILL')
    await pause(2 * LEASE_MS)
    // And by whoever comes after.
    for (const _ of [1, 2, 3])
      expect(answerIn(await (await fetch(addressAt(b, asked))).text())).toEqual({
        text: 'Hel',
        end: 'lost',
        state: 'lost',
      })
  })

  test('a process that is told to end sends its readers elsewhere, and ends what is not whole as lost', async () => {
    const { model, a, b } = await relaysOn(redis)
    const asked = await ask(a)
    const turn = (await model.turn(0)).say('Hel')
    const local = reading(asked)
    await expect.poll(local.said).toBe('Hel')
    a.kill('SIGTERM')
    expect(answerIn(await local.over)).toEqual({ text: 'Hel', end: undefined, state: undefined })
    const other = reading(await fetch(addressAt(b, asked), { headers: { 'last-event-id': '1' } }))
    turn.say('lo')
    await expect.poll(other.said).toBe('lo')
    expect(answerIn(await other.over)).toEqual({ text: 'lo', end: 'lost', state: 'lost' })
    expect(await a.ended).toBe(0)
  })

  test('one of which is ten minutes ahead, are told the same, and nobody is lost too early or too late', async () => {
    const ahead = 'const now=Date.now;Date.now=()=>now()+600000;'
    const { model, a, b } = await relaysOn(redis, 2, {}, [
      { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}` },
    ])
    const asked = await ask(a)
    const turn = (await model.turn(0)).say('Hel')
    const foreign = reading(await fetch(addressAt(b, asked)))
    await expect.poll(foreign.said).toBe('Hel')
    await pause(4 * LEASE_MS)
    turn.say('lo')
    await expect.poll(foreign.said).toBe('Hello')
    a.kill('SIGKILL')
    expect(answerIn(await foreign.over)).toEqual({ text: 'Hello', end: 'lost', state: 'lost' })
  })

  test('the same question sent to both is asked once', async () => {
    const { model, a, b } = await relaysOn(redis)
    const key = { 'idempotency-key': 'k'.repeat(22) + a.url }
    const both = await Promise.all([ask(a, key), ask(b, key)])
    ;(await model.turn(0)).say('Hello').finish()
    const texts = await Promise.all(both.map(async (each) => answerIn(await each.text())))
    expect(texts).toEqual([1, 2].map(() => ({ text: 'Hello', end: 'done', state: 'done' })))
    expect(model.turns.length).toBe(1)
    const other = await fetch(b.url, { method: 'POST', body: '{"other":1}', headers: key })
    expect(other.status).toBe(422)
  })

  test('an answer that is read elsewhere is not abandoned, and one that is not, is', async () => {
    const { model, a, b } = await relaysOn(redis, 2, { RELAY_ABANDON_MS: '500' })
    const leaving = new AbortController()
    const asked = await fetch(a.url, {
      method: 'POST',
      body: JSON.stringify(QUESTION),
      signal: leaving.signal,
    })
    const turn = (await model.turn(0)).say('a')
    const elsewhere = new AbortController()
    const foreign = reading(await fetch(addressAt(b, asked), { signal: elsewhere.signal }))
    await expect.poll(foreign.said).toBe('a')
    leaving.abort()
    await pause(1500)
    turn.say('b')
    await expect.poll(foreign.said).toBe('ab')
    elsewhere.abort()
    await turn.closed
    const last = await fetch(addressAt(b, asked))
    expect(answerIn(await last.text()).state).toBe('stopped')
  })

  test('what was forgotten on one is unknown on both, while it is running, too', async () => {
    const { model, a, b } = await relaysOn(redis)
    const asked = await ask(a)
    ;(await model.turn(0)).say('a')
    await expect.poll(async () => (await fetch(addressAt(b, asked), { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(`${addressAt(b, asked)}?forget`, { method: 'DELETE' })).status).toBe(204)
    await (await model.turn(0)).closed
    await expect.poll(async () => (await fetch(addressAt(b, asked))).status).toBe(404)
    await expect.poll(async () => (await fetch(addressAt(a, asked))).status).toBe(404)
  })

  test('take two connections each, however many read, and no key or text is part of a name', async () => {
    const { model, a, b } = await relaysOn(redis)
    const clients = async () =>
      Number(/connected_clients:(\d+)/.exec(await askRedis(redis, 'INFO clients'))?.[1])
    await expect.poll(clients).toBe(5)
    const asked = await ask(a, { 'idempotency-key': 'secret-key-of-the-user-1' })
    const turn = (await model.turn(0)).say('a very secret text')
    const readers = await Promise.all(Array.from({ length: 50 }, () => fetch(addressAt(b, asked))))
    expect(await clients()).toBe(5)
    const keys = await askRedis(redis, 'KEYS *')
    expect(keys).toContain(asked.headers.get('content-location')?.split('/').at(-1))
    // Ids are random, so what is looked for must be longer than chance.
    expect(keys).not.toMatch(/secret|sk-/)
    turn.finish()
    for (const each of readers) expect(answerIn(await each.text()).text).toBe('a very secret text')
    // Everything expires.
    for (const name of keys.match(/holdfast:\S+/g) ?? [])
      expect(await askRedis(redis, `PTTL ${name}`)).not.toContain('-1')
    for (const relay of [a, b]) expect(relay.printed()).not.toMatch(/secret|sk-/)
  })
})

describe.skipIf(!hasRedis)('Redis', () => {
  test.each([
    ['and comes back as it was', true],
    ['and comes back empty', false],
  ])('goes in mid-answer, %s: readers go on, and what is missing is written', async (_how, keeps) => {
    const redis = closing(await startRedis(keeps), (each) => each.remove())
    const { model, a, b } = await relaysOn(redis)
    const asked = await ask(a)
    const local = reading(asked)
    const turn = (await model.turn(0)).say('one ')
    await expect.poll(local.said).toBe('one ')
    await pause(200)
    await redis.stop()
    turn.say('two ')
    await expect.poll(local.said).toBe('one two ')
    await pause(LEASE_MS)
    turn.say('three ')
    await redis.start()
    turn.say('four')
    const foreign = async () => {
      const response = await fetch(addressAt(b, asked))
      return response.ok ? reading(response) : undefined
    }
    await expect
      .poll(async () => (await foreign())?.over.then((text) => answerIn(text).state), { timeout: 100 })
      .not.toBe('lost')
      .catch(() => {})
    await pause(3 * LEASE_MS)
    turn.finish()
    expect(answerIn(await local.over)).toEqual({ text: 'one two three four', end: 'done', state: 'done' })
    await expect
      .poll(async () => answerIn(await (await fetch(addressAt(b, asked))).text()), { timeout: 5000 })
      .toEqual({ text: 'one two three four', end: 'done', state: 'done' })
    expect(a.printed().match(/The store cannot be reached/g)?.length).toBe(1)
  })

  test.each(['is down', 'does not answer'])(
    'that %s at a question is no reason not to answer',
    async (how) => {
      const redis = closing(await startRedis(), (each) => each.remove())
      const { model, a, b } = await relaysOn(redis)
      if (how === 'is down') await redis.stop()
      else redis.freeze()
      const asked = await ask(a)
      ;(await model.turn(0)).say('Hello').finish()
      expect(answerIn(await asked.text())).toEqual({ text: 'Hello', end: 'done', state: 'done' })
      const away = await fetch(addressAt(b, asked))
      expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1'])
      if (how === 'is down') await redis.start()
      else redis.thaw()
      await expect
        .poll(async () => answerIn(await (await fetch(addressAt(b, asked))).text().catch(() => '')).text, {
          timeout: 6000,
        })
        .toBe('Hello')
    },
  )

  test('in a cluster is refused in words', async () => {
    // Its second port would be 10,000 above the first, which not every first one allows.
    const cluster = ['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`]
    const redis = closing(await startRedis(false, cluster), (each) => each.remove())
    const { a } = await relaysOn(redis, 1)
    const response = await ask(a)
    expect([response.status, (await response.json()).error.message]).toEqual([
      503,
      'redisStore needs one primary: with Redis Cluster one blocking read cannot span slots',
    ])
  })
})
