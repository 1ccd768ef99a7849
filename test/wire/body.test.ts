/** A response that is not the event stream it should be. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stream } from '../../src/index.ts'
import { notUnderstood, readShort, release, understand } from '../../src/wire/body.ts'

describe('a short body', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const bytes = new TextEncoder().encode('Grüße 😀')

  /** A body that gives these parts and then stays open, ends or breaks. */
  function body(parts: readonly Uint8Array[], then: 'open' | 'end' | 'break') {
    const cancel = vi.fn()
    let next = 0
    const made = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const part = parts[next++]
        if (part) controller.enqueue(part)
        else if (then === 'end') controller.close()
        else if (then === 'break') controller.error(new Error('reset'))
        else await new Promise(() => {})
      },
      cancel,
    })
    return { reader: made.getReader(), cancel }
  }

  test('is read to its end, even where a character is cut in two', async () => {
    const parts = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await readShort(body(parts, 'end').reader)).toEqual({ text: 'Grüße 😀', hasEnded: true })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that breaks is what had come', async () => {
    expect(await readShort(body([bytes], 'break').reader)).toEqual({ text: 'Grüße 😀', hasEnded: true })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that does not end is what had come after 5 s, and the socket is closed', async () => {
    const { reader, cancel } = body([bytes], 'open')
    const short = readShort(reader)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(cancel).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(await short).toEqual({ text: 'Grüße 😀', hasEnded: false })
    expect(cancel).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that is long is not read to its end', async () => {
    const parts = Array.from({ length: 1_000 }, () => new Uint8Array(1_024).fill(65))
    const { text, hasEnded } = await readShort(body(parts, 'end').reader)
    expect(hasEnded).toBe(false)
    expect(text.length).toBeGreaterThanOrEqual(65_536)
    expect(text.length).toBeLessThan(65_536 + 1_024)
  })

  test('that has failed is released without a word', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const { reader } = body([], 'break')
    await reader.read().catch(() => {})
    release(reader)
    release(undefined)
    vi.useRealTimers()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('a body is understood', () => {
  test.each([
    ['JSON with an error', '{"error":{"message":"Busy"}}', { error: { message: 'Busy' } }, 'Busy'],
    ['other JSON', '{"a":1}', { a: 1 }, undefined],
    [
      'a page',
      '<html><title lang="en">\n Bad gateway </title>',
      '<html><title lang="en">\n Bad gateway </title>',
      'Bad gateway',
    ],
    [
      'an error of a cloud, in XML',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>No such bucket</Message></Error>',
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>No such bucket</Message></Error>',
      'No such bucket',
    ],
    [
      'an error that is sent as an event',
      'event: error\ndata: {"error":{"message":"Busy"}}\n\n',
      { error: { message: 'Busy' } },
      'Busy',
    ],
    ['an event in words', 'data: upstream error\n\n', 'data: upstream error\n\n', 'data: upstream error'],
    ['a page with an empty title', '<title> </title>', '<title> </title>', undefined],
    ['text', 'upstream error', 'upstream error', 'upstream error'],
    ['nothing', '', '', undefined],
    ['JSON that breaks off', '{"error":{"mess', '{"error":{"mess', undefined],
  ])('as %s', (_what, text, body, says) => {
    expect(understand(text, [])).toEqual({ body, says, isJson: typeof body === 'object' })
  })

  test('up to its first 500 characters', () => {
    expect(understand('x'.repeat(9_000), []).body).toBe('x'.repeat(500))
  })

  test('without the secrets of the request', () => {
    const facts = understand('{"error":{"message":"Bad key sk-12345"},"key":"sk-12345"}', ['sk-12345'])
    expect(facts.says).toBe('Bad key [redacted]')
    expect(JSON.stringify(facts)).not.toContain('sk-12345')
    expect(JSON.stringify(understand(`${'x'.repeat(495)}sk-12345`, ['sk-12345']))).not.toContain('sk-')
  })
})

describe('what is not events', () => {
  test.each([
    [
      'no body',
      'empty',
      '',
      'protocol',
      'The server answered 200 without a body: the route returned no stream',
    ],
    [
      'a page',
      'html',
      '<title>Sign in</title>',
      'protocol',
      'The server answered 200 with an HTML page instead of a stream: "Sign in" (a login, a proxy, another address?)',
    ],
    [
      'a page without a title',
      'html',
      '<p>',
      'protocol',
      'The server answered 200 with an HTML page instead of a stream (a login, a proxy, another address?)',
    ],
    ['a JSON error', 'json', '{"error":{"message":"Busy","type":"overloaded"}}', 'api', 'Busy'],
    [
      'a JSON document',
      'json',
      '{"choices":[]}',
      'protocol',
      'The server answered 200 with a JSON document instead of a stream (does the request say stream: true?)',
    ],
    [
      'a JSON text',
      'json',
      '"Busy"',
      'protocol',
      'The server answered 200 with a JSON document instead of a stream (does the request say stream: true?)',
    ],
    [
      'JSON that breaks off',
      'json',
      '{"choices":[',
      'truncated',
      'The server answered 200 with JSON that breaks off',
    ],
  ] as const)('%s is an error that says so', (_what, kind, text, code, message) => {
    expect(notUnderstood(kind, 200, { text, hasEnded: true }, [])).toMatchObject({ code, message })
  })

  test('shows no secret', () => {
    const page = notUnderstood('html', 200, { text: '<title>sk-12345</title>', hasEnded: true }, ['sk-12345'])
    const error = notUnderstood('json', 200, { text: '{"error":"sk-12345"}', hasEnded: true }, ['sk-12345'])
    expect([page.message, error.message].join()).not.toContain('sk-12345')
  })

  // A document that is whole was paid for: to call it cut off would be to ask, and to pay, again.
  test('is not called cut off where it was only longer than what is kept', async () => {
    vi.useFakeTimers()
    const count = 1_000
    const slowly = () => {
      let next = 0
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 0))
          controller.enqueue(new TextEncoder().encode(next === 0 ? '["' : 'x'.repeat(1_024)))
          if (++next > count) controller.close()
        },
      })
    }
    const headers = { 'content-type': 'application/json' }
    const asked = vi.fn(async () => new Response(slowly(), { headers }))
    const onError = vi.fn()
    stream('https://api.example.com', {
      fetch: asked as typeof fetch,
      json: {},
      retry: { baseMs: 0 },
      onError,
    })
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'protocol', retryable: false }),
    )
    expect(asked).toHaveBeenCalledOnce()
  })
})
