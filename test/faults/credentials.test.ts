/** Whose server gets whose keys, on real sockets: two ports are two origins. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type Dialect, openaiChat, type StreamOptions, stream } from '../../src/index.ts'
import { begun, json, whole } from '../support/chat.ts'
import { type FaultServer, startFaultServer } from '../support/fault-server.ts'

let [home, other] = [] as unknown as [FaultServer, FaultServer]
beforeAll(async () => {
  ;[home, other] = await Promise.all([startFaultServer(), startFaultServer()])
})
afterAll(() => Promise.all([home, other].map((server) => server.close())))

const KEY = 'sk-proj-4f9a8b7c6d5e'
const unavailable = json(503, { error: { message: 'busy' } })
const call: StreamOptions = {
  json: {},
  retry: { baseMs: 0 },
  headers: { 'x-api-key': KEY, cookie: `s=${KEY}`, 'x-app': 'sea' },
  searchParams: { key: KEY, model: 'm' },
}

/** All that a server has been sent of its last request, in one text. */
const sent = ({ requests }: FaultServer) => JSON.stringify([requests.at(-1)?.url, requests.at(-1)?.headers])

async function failedOver(options: StreamOptions, input = ''): Promise<string> {
  home.play(unavailable)
  other.play(whole('Hello'))
  const endpoints = [{ url: home.url }, { url: other.url }]
  expect(await stream(input, { ...call, endpoints, ...options }).text()).toBe('Hello')
  expect(sent(home)).toContain(KEY)
  return sent(other)
}

describe('another endpoint’s origin gets', () => {
  test('no key of the call’s, but all the rest', async () => {
    const got = await failedOver({})
    expect(got).not.toContain(KEY)
    expect(got).toContain('"x-app":"sea"')
    expect(got).toContain('model=m')
  })

  test('no key of a headers function, of apiKey, of a search text or of the input', async () => {
    const { headers } = call
    expect(await failedOver({ headers: async () => headers as Record<string, string> })).not.toContain(KEY)
    expect(await failedOver({ apiKey: KEY, headers: {} })).not.toContain(KEY)
    expect(await failedOver({ searchParams: `?key=${KEY}&a=1` })).not.toContain(KEY)
    expect(await failedOver({}, `chat?api_key=${KEY}&a=1`)).toContain('/chat?a=1&model=m')
  })

  test('the keys it brings itself', async () => {
    const mine = { url: other.url, headers: { 'x-api-key': 'mine-123' }, searchParams: { key: 'mine-456' } }
    const got = await failedOver({ endpoints: [{ url: home.url }, mine] })
    expect(got).not.toContain(KEY)
    expect(got).toContain('mine-123')
    expect(got).toContain('mine-456')
    const named = { url: other.url, apiKey: 'mine-789' }
    expect(await failedOver({ apiKey: KEY, endpoints: [{ url: home.url }, named] })).toContain(
      'Bearer mine-789',
    )
  })
})

test('endpoints of one origin share the keys', async () => {
  home.play(unavailable, whole('Hello'))
  const ai = createClient({ baseUrl: new URL(home.url).origin, endpoints: [{ url: 'a' }, { url: 'b' }] })
  expect(await ai.stream('', { ...call }).text()).toBe('Hello')
  expect(home.requests.map(({ url }) => url?.slice(0, 3))).toEqual(['/a?', '/b?'])
  expect(sent(home)).toContain(KEY)
})

describe('the request for the rest', () => {
  /** The stream breaks; `resume` or the dialect names who has the rest. */
  async function resumed(options: StreamOptions): Promise<string> {
    home.play(begun(['Hel'], 'RST'), whole('Hello'))
    other.play(whole('Hello'))
    const onChunk = () => {}
    await stream(home.url, { ...call, onChunk, onRewind: () => {}, ...options }).text()
    return sent(other.requests.length > 0 ? other : home)
  }

  test('takes no key to another origin, unless it brings one', async () => {
    const got = await resumed({ resume: () => ({ url: other.url }) })
    expect(got).not.toContain(KEY)
    expect(got).toContain('"x-app":"sea"')
    const brought = await resumed({
      resume: () => ({ url: other.url, headers: { 'x-api-key': 'mine-123' } }),
    })
    expect(brought).toContain('mine-123')
    expect(brought).not.toContain(KEY)
  })

  test('takes them to the same origin', async () => {
    expect(await resumed({ resume: () => ({ url: '/rest' }) })).toContain(KEY)
  })

  test('takes none where a dialect sends it, either', async () => {
    const dialect: Dialect = { ...openaiChat, resume: () => ({ url: other.url, method: 'GET' }) }
    expect(await resumed({ dialect })).not.toContain(KEY)
  })

  test('that cannot be made shows no key of the address it is relative to', async () => {
    home.play(begun(['Hel'], 'RST'))
    const options = { ...call, searchParams: {}, onChunk: () => {}, resume: () => ({ url: 'https://' }) }
    const error = await stream(`${home.url}?key=${KEY}`, options)
      .answer()
      .catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'callback', callback: 'resume' })
    expect(JSON.stringify(Object.entries((error as Error).cause as object))).not.toContain(KEY)
    expect(String((error as Error).cause)).toContain('must be an http(s) URL')
  })
})
