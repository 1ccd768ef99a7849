/** Two relays behind the proxies that people have, as they are configured in demo/relay. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { following } from '../support/follower.ts'
import { type Model, startModel, type Turn } from '../support/model.ts'
import { proxies, type TestProxy } from '../support/proxies.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { answerIn } from '../support/relay.ts'
import { type RelayProcess, startRelayProcess } from '../support/relay-process.ts'

/** What is asked of the model; all but the first of them it answers by itself. */
type Question = 'as the test says' | 'quick' | 'long'

const WORDS = Array.from({ length: 200 }, (_, at) => `${at} Olá 🌊 `)

const OK = { text: 'ok', end: 'done', state: 'done' }

function answerAtOnce(turn: Turn): void {
  const question = JSON.stringify(turn.body.messages)
  if (question.includes('quick')) turn.say('ok').finish()
  if (question.includes('long')) turn.say(...WORDS).finish()
}

describe.skipIf(!hasRedis).each(proxies.filter(({ missing }) => !missing))('behind $name', (kind) => {
  let redis: TestRedis
  let model: Model
  let proxy: TestProxy
  let relays: [RelayProcess, RelayProcess]

  const start = (key: number, port = 0) =>
    startRelayProcess({
      ...{ PORT: `${port}`, REDIS_URL: redis.url, RELAY_PUBLIC_PATH: '/api/chat' },
      ...{ UPSTREAM_URL: model.baseUrl, UPSTREAM_KEY: `key-of-relay-${key}` },
      ...{ RELAY_LEASE_MS: '600', RELAY_GRACE_MS: '20000' },
    })
  const portOf = ({ origin }: RelayProcess) => Number(new URL(origin).port)

  beforeAll(async () => {
    redis = await startRedis()
    model = await startModel(answerAtOnce)
    relays = await Promise.all([start(0), start(1)])
    proxy = await kind.start([portOf(relays[0]), portOf(relays[1])])
  }, 60_000)
  afterAll(async () => {
    await proxy?.stop()
    for (const each of relays ?? []) each.kill('SIGKILL')
    await model?.close()
    await redis?.remove()
  })

  /** As a client does: where a connection breaks, or nobody is there, it asks again, by the same key. */
  async function ask(question: Question = 'as the test says', more = ''): Promise<Response> {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: question + more }] })
    const headers = { 'accept-encoding': 'gzip, br', 'idempotency-key': crypto.randomUUID() }
    for (;;) {
      const init = { method: 'POST', headers, body }
      const response = await fetch(`${proxy.origin}/api/chat`, init).catch(() => undefined)
      if (response && response.status < 500) return response
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const quick = async (more = '') => answerIn(await (await ask('quick', more)).text())
  const address = (asked: Response) => `${proxy.origin}${asked.headers.get('content-location')}`
  /** An answer that has begun, and which of the two gives it. */
  async function begun() {
    const at = model.turns.length
    const asked = await ask()
    const reader = following(proxy.origin, asked)
    const turn = (await model.turn(at)).say('Hel')
    await expect.poll(reader.said).toBe('Hel')
    const giver = Number(turn.request.headers.authorization?.at(-1)) as 0 | 1
    return { asked, reader, turn, giver }
  }
  /** Both take questions again. */
  async function restart(which: 0 | 1) {
    relays[which] = await start(which, portOf(relays[which]))
  }

  test('an answer arrives event by event, and whole', async () => {
    const { asked, reader, turn } = await begun()
    expect(asked.status).toBe(200)
    expect(asked.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(asked.headers.get('content-encoding')).toBeNull()
    expect(asked.headers.get('content-location')).toMatch(/^\/api\/chat\/a\w{22}$/)
    turn.say('l')
    await expect.poll(reader.said).toBe('Hell')
    turn.say('o')
    await expect.poll(reader.said).toBe('Hello')
    turn.finish()
    expect(answerIn(await reader.over)).toEqual({ text: 'Hello', end: 'done', state: 'done' })
    expect(reader.responses()).toBe(1)
  })

  test('its address is where the page asked: it is read, looked at and stopped there', async () => {
    const { asked, reader, turn } = await begun()
    const state = async () => (await fetch(address(asked), { method: 'HEAD' })).headers.get('holdfast-state')
    expect(await state()).toBe('running')
    const second = following(proxy.origin, await fetch(address(asked)))
    await expect.poll(second.said).toBe('Hel')
    expect((await fetch(address(asked), { method: 'DELETE' })).status).toBe(204)
    await turn.closed
    expect(answerIn(await reader.over)).toEqual({ text: 'Hel', end: 'stopped', state: 'stopped' })
    await expect.poll(state).toBe('stopped')
    const late = await fetch(address(asked), { headers: { 'last-event-id': '1' } })
    expect(answerIn(await late.text())).toEqual({ text: '', end: 'stopped', state: 'stopped' })
  })

  test('a question of two megabytes gets through', async () => {
    expect(await quick(' '.repeat(2_000_000))).toEqual(OK)
  })

  test('an answer that is cut ten times, wherever that is, arrives whole and is asked for once', async () => {
    const before = model.turns.length
    let cuts = 0
    // Behind the two kilobytes that come first.
    const cutAfter = () => (cuts++ < 10 ? 2070 + Math.floor(400 * Math.random()) : undefined)
    const reader = following(proxy.origin, await ask('long'), cutAfter)
    expect(answerIn(await reader.over)).toEqual({ text: WORDS.join(''), end: 'done', state: 'done' })
    expect(reader.responses()).toBe(11)
    expect(model.turns.length - before).toBe(1)
  })

  test('a reload of the proxy in mid-answer ends no answer', async () => {
    const { reader, turn } = await begun()
    await proxy.reload()
    // The new one answers.
    expect(await quick()).toEqual(OK)
    turn.say('lo').finish()
    expect(answerIn(await reader.over)).toEqual({ text: 'Hello', end: 'done', state: 'done' })
  })

  test('one that is told to end sends its readers to the other, and what it is giving becomes whole', async () => {
    const { reader, turn, giver } = await begun()
    const before = model.turns.length
    relays[giver].kill('SIGTERM')
    await expect.poll(reader.responses).toBe(2)
    turn.say('lo')
    await expect.poll(reader.said).toBe('Hello')
    // Meanwhile the other one takes the questions.
    for (let times = 0; times < 6; times++) expect(await quick()).toEqual(OK)
    turn.finish()
    expect(answerIn(await reader.over)).toEqual({ text: 'Hello', end: 'done', state: 'done' })
    expect(await relays[giver].ended).toBe(0)
    const others = model.turns.slice(before).map(({ request }) => request.headers.authorization?.at(-1))
    expect(others.every((each) => each === `${1 - giver}`)).toBe(true)
    await restart(giver)
  })

  test('one that is killed takes no reader with it: they are told by the other that the answer is lost', async () => {
    const { asked, reader, turn, giver } = await begun()
    turn.say('lo')
    await expect.poll(reader.said).toBe('Hello')
    const id = asked.headers.get('content-location')?.split('/').at(-1)
    const elsewhere = following(proxy.origin, await fetch(`${relays[1 - giver]?.url}/${id}`))
    await expect.poll(elsewhere.said).toBe('Hello')
    relays[giver].kill('SIGKILL')
    for (const each of [reader, elsewhere])
      expect(answerIn(await each.over)).toEqual({ text: 'Hello', end: 'lost', state: 'lost' })
    // What is asked next goes to the one that is left.
    for (let times = 0; times < 4; times++) expect(await quick()).toEqual(OK)
    await restart(giver)
  })
})

test('systemd gives a relay the time to drain', () => {
  const unit = readFileSync(new URL('../../demo/relay/holdfast-relay@.service', import.meta.url), 'utf8')
  const settings = readFileSync(new URL('../../demo/relay/settings.mjs', import.meta.url), 'utf8')
  const main = readFileSync(new URL('../../demo/relay/main.mjs', import.meta.url), 'utf8')
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])
  const graceMs = Number(/graceMs \?\? ([\d_]+)/.exec(settings)?.[1]?.replace('_', ''))
  const lastBytesMs = Number(/LAST_BYTES_MS = (\d+)/.exec(main)?.[1])
  expect(seconds * 1000).toBeGreaterThan(graceMs + 2 * lastBytesMs)
  expect(unit).toMatch(/^ExecStart=\/usr\/bin\/node demo\/relay\/main\.mjs$/m)
})
