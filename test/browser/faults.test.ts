/**
 * What each engine makes of the same bytes differs (who throws what, who takes a cut for a clean end, who settles
 * `fetch` late): the verdict is the same in all of them. Their own words are in the comments.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asked, type Heard, openPage } from './asking.ts'
import { type Driver, engines } from './engines.ts'
import { BEGUN, faults, type RawServer, startRawServer, WHOLE } from './raw-server.ts'

describe.skipIf(engines.length === 0).each(engines)('in $name', (engine) => {
  let server: RawServer
  let driver: Driver
  let asks = 0

  beforeAll(async () => {
    server = await startRawServer()
    driver = await engine.launch()
    await openPage(driver, server.origin)
  }, 60_000)
  afterAll(async () => {
    await driver?.close()
    await server?.close()
  })

  const urlOf = (fault: string, query = `ask=${engine.name}-${asks++}`, origin = server.origin) => {
    expect(faults).toHaveProperty([fault])
    return `${origin}/fault/${encodeURIComponent(fault)}?${query}`
  }
  const meet = (fault: string, options?: string) => asked(driver, urlOf(fault), options)

  /** The promise, the iterator and the callbacks tell the same, and the text is a true beginning. */
  function expectAgreement({ code, text, iterator, callbacks }: Heard): void {
    expect([iterator, callbacks]).toEqual([
      { code, text },
      { code, text },
    ])
    expect(WHOLE.startsWith(text)).toBe(true)
  }

  test.each([
    // "Failed to fetch" | "NetworkError when attempting to fetch resource." | "Load failed", for each of these.
    ['reset before headers'],
    ['end before headers'],
  ])('%s: the request did not get through', async (fault) => {
    const heard = await meet(fault)
    expect(heard).toMatchObject({ code: 'network', phase: 'connect', text: '' })
    expectAgreement(heard)
  })

  test('a refused connection: the request did not get through', async () => {
    // A port that was free a moment ago.
    const gone = await startRawServer()
    await gone.close()
    const heard = await asked(driver, `${gone.origin}/fault/x`)
    expect(heard).toMatchObject({ code: 'network', phase: 'connect', text: '' })
    expectAgreement(heard)
  })

  test('a stranger who does not allow it (CORS): the request did not get through', async () => {
    const heard = await asked(driver, urlOf('no fault', 'ask=cors', server.stranger))
    expect(heard).toMatchObject({ code: 'network', phase: 'connect', text: '' })
    expectAgreement(heard)
  })

  test.each([
    // "network error" | "Error in input stream" | "Load failed"
    ['reset in a chunk'],
    ['end in a chunk'],
    ['end short of content-length'],
    ['reset of a body without length'],
  ])('%s: the connection broke', async (fault) => {
    const heard = await meet(fault)
    expect(heard).toMatchObject({ code: 'network', phase: 'body' })
    expectAgreement(heard)
  })

  test.each([
    // A clean end in all of them: only the missing end marker tells.
    ['end of a body without length', BEGUN],
    ['cut gzip', undefined],
  ])('%s: truncated', async (fault, text) => {
    const heard = await meet(fault)
    expect(heard.code).toBe('truncated')
    if (text !== undefined) expect(heard.text).toBe(text)
    expectAgreement(heard)
  })

  test.each([
    // Chromium and Firefox throw, WebKitGTK reports a clean end: broken connection or truncated answer, it is
    // the same to a caller (both are tried again), and never a whole answer.
    ['end between chunks', ['network', 'truncated']],
    ['broken chunk size', ['network', 'truncated']],
    // To Firefox, an answer in HTTP/0.9, which has no headers.
    ['bytes that are not HTTP', ['network', 'truncated']],
    // WebKitGTK hands the raw bytes through.
    ['corrupt gzip', ['network', 'truncated', 'protocol']],
  ])('%s: not whole, and nothing made up', async (fault, codes) => {
    const heard = await meet(fault)
    expect(codes).toContain(heard.code)
    expectAgreement(heard)
  })

  test('a page instead of a stream: protocol', async () => {
    const heard = await meet('page of a proxy')
    expect(heard).toMatchObject({ code: 'protocol', text: '' })
    expectAgreement(heard)
  })

  test.each([
    'reset before headers',
    'end before headers',
    'reset in a chunk',
    'end in a chunk',
    'end between chunks',
    'end short of content-length',
    'end of a body without length',
    'reset of a body without length',
    'broken chunk size',
    'cut gzip',
  ])('%s, once: the whole answer, once', async (fault) => {
    const url = urlOf(fault, `ask=${engine.name}-${asks++}&times=1`)
    const heard = await asked(driver, url, "{ retry: { baseMs: 1 }, recovery: 'replay' }")
    expect(heard).toMatchObject({ code: 'whole', text: WHOLE })
    expectAgreement(heard)
  })

  test.each([
    // `abort(reason)` rejects with the reason itself, be it a string; in WebKit always with an AbortError.
    ['without a reason', 'undefined'],
    ['with an error', "new TypeError('mine')"],
    ['with a string', "'enough'"],
  ])('abort() %s: aborted', async (_how, reason) => {
    const options = `(() => {
      const stop = new AbortController()
      return { signal: stop.signal, onChunk: () => stop.abort(${reason}) }
    })()`
    const heard = await meet('silence in the body', options)
    expect(heard).toMatchObject({ code: 'aborted', name: 'AbortError', text: BEGUN })
    expect(heard.iterator.code).toBe('aborted')
  })

  test('AbortSignal.timeout(), whatever the engine calls it: aborted', async () => {
    // TimeoutError in Chromium and Firefox, AbortError in WebKit.
    const heard = await meet('silence in the body', '{ signal: AbortSignal.timeout(300) }')
    expect(heard).toMatchObject({ code: 'aborted', name: 'AbortError' })
    expectAgreement(heard)
  })

  test.each([
    // Firefox settles `fetch` only at the first byte of the body, so there the headers are not known to be here.
    ['silence after headers', '{ timeouts: { firstMs: 400 } }', 'first'],
    ['silence in the body', '{ timeouts: { idleMs: 400 } }', 'idle'],
    ['silence after headers', '{ timeouts: { totalMs: 400 } }', 'total'],
  ])('%s, %s: timeout', async (fault, options, phase) => {
    const heard = await meet(fault, options)
    expect(heard).toMatchObject({ code: 'timeout', name: 'TimeoutError', phase })
    expectAgreement(heard)
  })

  test.each([
    ['a late first byte', '{}'],
    // The comment is what a server can do for Firefox.
    ['a comment, then a late first byte', '{ timeouts: { connectMs: 500 } }'],
  ])('%s: patience', async (fault, options) => {
    const heard = await meet(fault, options)
    expect(heard).toMatchObject({ code: 'whole', text: WHOLE })
    expectAgreement(heard)
  })

  test('a request that the engine sends again by itself carries the same Idempotency-Key', async () => {
    // Chromium and Firefox do, where a connection that was used before breaks before the headers.
    await meet('no fault')
    const id = `${engine.name}-key`
    const url = urlOf('reset before headers', `ask=${id}&times=3`)
    const heard = await asked(driver, url, '{ idempotencyKey: true, retry: { baseMs: 1, limit: 5 } }')
    expect(heard).toMatchObject({ code: 'whole', text: WHOLE })
    expect(server.keysOf(id).length).toBeGreaterThan(3)
    expect(new Set(server.keysOf(id)).size).toBe(1)
    expect(server.keysOf(id)[0]).toMatch(/^.{16,}$/)
  })

  test('a server that holds the socket open after the end marker does not hold the answer', async () => {
    const id = `${engine.name}-${asks++}`
    const heard = await asked(driver, urlOf('a socket held open after the end', `ask=${id}`))
    expect(heard).toMatchObject({ code: 'whole', text: WHOLE })
    await expect.poll(() => server.openSocketsOf(id), { timeout: 10_000 }).toBe(0)
  })

  test.each([
    [
      'reply.cancel()',
      'const reply = stream(url, { json: {}, onChunk: () => reply.cancel() }); await reply.answer().catch(() => {})',
    ],
    ['break', 'for await (const delta of stream(url, { json: {} })) break'],
    [
      'the signal',
      'const stop = new AbortController(); await stream(url, { json: {}, signal: stop.signal, onChunk: () => stop.abort() }).answer().catch(() => {})',
    ],
    [
      'a callback that throws',
      'await stream(url, { json: {}, onChunk() { throw 0 } }).answer().catch(() => {})',
    ],
  ])('%s closes the socket', async (_how, code) => {
    const id = `${engine.name}-${asks++}`
    const url = urlOf('silence in the body', `ask=${id}`)
    await driver.evaluate(`(async (url) => { ${code} })(${JSON.stringify(url)})`)
    await expect.poll(() => server.openSocketsOf(id), { timeout: 10_000 }).toBe(0)
    expect(server.keysOf(id)).toHaveLength(1)
  })
})
