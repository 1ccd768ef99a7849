/** Where the platform lacks something it is made up for, or named: neither the server nor the address is blamed. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { stream, type Warning } from '../../src/index.ts'
import { DONE, finish, text } from '../support/chat.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const ANSWER = text('Hel') + text('lo') + finish() + DONE
const url = 'https://api.example.com/v1'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** React Native's fetch: the response comes when all of it is there, and has no body. */
function bodiless(answer: string | Promise<string>, status = 200): typeof fetch {
  const response = () => ({
    ...{ status, ok: status < 300, url, headers: new Headers(), body: undefined },
    text: async () => answer,
  })
  return async () => response() as unknown as Response
}

describe('a fetch that cannot stream', () => {
  // React Native has none; the other platforms bring it.
  test.each([true, false])('hands out its text in one read, and says so once', async (hasStreams) => {
    if (!hasStreams) vi.stubGlobal('ReadableStream', undefined)
    const warnings: Warning[] = []
    const chunks: string[] = []
    const reply = stream(url, {
      ...{ json: {}, fetch: bodiless(ANSWER), http: bodiless(ANSWER) },
      onWarning: (warning) => void warnings.push(warning),
      onChunk: (chunk) => void chunks.push(chunk),
    })
    expect(await reply.text()).toBe('Hello')
    expect(chunks).toEqual(['Hel', 'lo'])
    expect(warnings.map(({ code }) => code)).toEqual(['no-streaming'])
    expect(warnings[0]?.message).toContain('This fetch cannot stream')
  })

  test('carried by ky, it says so once however many attempts there are', async () => {
    const answers = [text('Hel'), ANSWER]
    const warnings: string[] = []
    const fetch: typeof globalThis.fetch = async () => {
      const response = new Response(answers.shift())
      return Object.defineProperty(response, 'body', { value: null })
    }
    const onWarning = ({ code }: Warning) => void warnings.push(code)
    expect(await stream(url, { json: {}, fetch, onWarning, retry: { baseMs: 0 } }).text()).toBe('Hello')
    expect(warnings).toEqual(['no-streaming'])
  })

  test('of an error has its text read', async () => {
    const fetch = bodiless('{"error":{"message":"No such model"}}', 404)
    await expect(stream(url, { json: {}, http: fetch }).text()).rejects.toMatchObject({
      ...{ code: 'http', status: 404, message: 'The server answered 404: No such model' },
    })
  })

  test.each([
    [200, ''],
    [204, ''],
    [205, 'nobody looks at it'],
  ])('and answers %i with %j has no body', async (status, answer) => {
    const onWarning = vi.fn()
    const reply = stream(url, { json: {}, http: bodiless(answer, status), onWarning })
    await expect(reply.text()).rejects.toMatchObject({
      ...{
        code: 'protocol',
        message: `The server answered ${status} without a body: the route returned no stream`,
      },
    })
    expect(onWarning).not.toHaveBeenCalled()
  })

  test.each(['firstMs', 'totalMs'] as const)('is waited for as the network is: %s ends it', async (clock) => {
    vi.useFakeTimers()
    const http = bodiless(new Promise<string>(() => {}))
    const failed = stream(url, { json: {}, http, retry: false, timeouts: { [clock]: 500 } })
      .answer()
      .catch((error) => error)
    await vi.advanceTimersByTimeAsync(500)
    expect(await failed).toMatchObject({ code: 'timeout' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of an error does not hold up the news of it', async () => {
    vi.useFakeTimers()
    const http = bodiless(new Promise<string>(() => {}), 400)
    const failed = stream(url, { json: {}, http })
      .answer()
      .catch((error) => error)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await failed).toMatchObject({ code: 'http', status: 400 })
  })

  test('is called off while its text is on the way, and one that breaks is the network', async () => {
    const reply = stream(url, { json: {}, http: bodiless(new Promise<string>(() => {})) })
    setTimeout(() => reply.cancel(), 5)
    await expect(reply.answer()).rejects.toMatchObject({ code: 'aborted' })
    const broken = stream(url, {
      ...{ json: {}, http: bodiless(Promise.reject(new TypeError('reset'))), retry: false },
    } as const)
    await expect(broken.answer()).rejects.toMatchObject({ code: 'network' })
  })
})

describe('without Request (Jest with jsdom)', () => {
  test('a request is made all the same', async () => {
    vi.stubGlobal('Request', undefined)
    server.play({ steps: [ANSWER, 'END'] })
    expect(await stream(server.url, { json: {} }).text()).toBe('Hello')
  })

  test('a relative address is the one of the page', async () => {
    vi.stubGlobal('Request', undefined)
    vi.stubGlobal('location', { href: new URL('/app/index.html', server.url).href })
    server.play({ steps: [ANSWER, 'END'] })
    expect(await stream('chat', { json: {} }).text()).toBe('Hello')
    expect(server.requests[0]?.url).toBe('/app/chat')
  })

  test.each(['htp://example.com/', '/relative'])('%s is refused', (bad) => {
    vi.stubGlobal('Request', undefined)
    expect(() => stream(bad, { json: {} })).toThrow(/^input must be an http\(s\) URL/)
  })
})

test.each([
  ['fetch', {}],
  ['Headers', { fetch: bodiless(ANSWER) }],
  ['TextDecoder', {}],
])('a platform without %s is told so at the call', (name, options) => {
  vi.stubGlobal(name, undefined)
  expect(() => stream(url, { json: {}, ...options })).toThrow(`This platform has no ${name}: add a polyfill`)
})
