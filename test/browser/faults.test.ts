/**
 * What each engine makes of the same bytes differs (who throws what, who takes a cut for a clean end, who drops the
 * abort's reason, who settles `fetch` late): the verdict is the same in all of them. Where it cannot be, the engine's
 * own stands beside it. What the engines themselves say is in the comments.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { asked, expectAgreement, type Heard, meeting, openPage } from './asking.ts'
import { type Engine, engines } from './engines.ts'
import { BEGUN, WHOLE } from './faults.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

type Verdict = Partial<Pick<Heard, 'code' | 'phase' | 'text'>>
type Exception = Partial<Record<Engine['name'], Verdict>>

const unreached: Verdict = { code: 'network', phase: 'connect', text: '' }
const broken: Verdict = { code: 'network', phase: 'body', text: BEGUN }
const truncated: Verdict = { code: 'truncated', text: BEGUN }

describe.each(engines)('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeAll(() => openPage(driver, server.origin))

  /** Meets a fault and checks that all surfaces tell of it alike. */
  async function meet(fault: string, options?: string, onText?: string): Promise<Heard> {
    const heard = await asked(driver, meeting(fault, server).url, options, onText)
    expectAgreement(heard)
    return heard
  }

  test.each<[fault: string, verdict: Verdict, except?: Exception]>([
    // "Failed to fetch" | "NetworkError when attempting to fetch resource." | "Load failed": no engine tells which.
    ['reset before headers', unreached],
    ['end before headers', unreached],
    // To Firefox this is an answer in HTTP/0.9, which has no headers: a body without an event.
    ['bytes that are not HTTP', unreached, { firefox: { code: 'truncated', text: '' } }],
    // "network error" | "Error in input stream" | "Load failed"
    ['reset in a chunk', broken],
    ['end in a chunk', broken],
    ['end short of content-length', broken],
    ['reset of a body without length', broken],
    ['corrupt gzip', broken],
    // A clean end in WebKitGTK: only the missing end marker tells. Both are worth another attempt.
    ['end between chunks', broken, { webkit: truncated }],
    ['broken chunk size', broken, { webkit: truncated }],
    // A clean end in all of them.
    ['end of a body without length', truncated],
    ['cut gzip', truncated],
    ['page of a proxy', { code: 'protocol', text: '' }],
  ])('%s: one verdict, and the text that had arrived', async (fault, verdict, except = {}) => {
    expect(await meet(fault)).toMatchObject({ attempts: 1, ...(except[engine.name] ?? verdict) })
  })

  test.each([
    'end in a chunk, at once',
    'end between chunks, at once',
    'broken chunk size, at once',
    'end short of content-length, at once',
    'cut gzip, at once',
    // WebKitGTK hands the raw bytes through.
    'corrupt gzip, at once',
  ])('%s with the text: never whole, and nothing made up', async (fault) => {
    const { code, text } = await meet(fault)
    expect(['network', 'truncated']).toContain(code)
    // All or nothing of it: some engines drop what they have not handed out when the connection breaks.
    expect(['', BEGUN]).toContain(text)
  })

  test('a refused connection: the request did not get through', async () => {
    // A port that was free a moment ago.
    const gone = await startRawServer()
    await gone.close()
    const heard = await asked(driver, meeting('no fault', gone).url)
    expect(heard).toMatchObject(unreached)
    expectAgreement(heard)
  })

  test('a stranger who does not allow it (CORS): the request did not get through', async () => {
    const { url } = meeting('no fault', server)
    const heard = await asked(driver, url.replace(server.origin, server.stranger))
    expect(heard).toMatchObject(unreached)
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
    'corrupt gzip',
  ])('%s, once: the whole answer, once', async (fault) => {
    const { url } = meeting(fault, server, 1)
    const heard = await asked(driver, url, "{ retry: { baseMs: 1 }, recovery: 'replay' }")
    expect(heard).toMatchObject({ code: 'whole', text: WHOLE })
    expectAgreement(heard)
  })

  test.each([
    // `fetch` rejects with the reason itself, be it a string; in WebKit always with an AbortError.
    ['without a reason', 'stop.abort()'],
    ['with an error', "stop.abort(new TypeError('mine'))"],
    ['with a string', "stop.abort('enough')"],
    ['with a timeout', "stop.abort(new DOMException('late', 'TimeoutError'))"],
  ])('abort() %s: aborted', async (_how, abort) => {
    const heard = await meet('silence in the body', '{}', `(reply, stop) => ${abort}`)
    expect(heard).toMatchObject({ code: 'aborted', name: 'AbortError', text: BEGUN })
  })

  test.each(['silence', 'silence in the body'])(
    'AbortSignal.timeout() in %s, whatever the engine calls it: aborted',
    async (fault) => {
      // TimeoutError in Chromium and Firefox, AbortError in WebKit.
      const heard = await meet(fault, '{ signal: AbortSignal.timeout(300) }')
      expect(heard).toMatchObject({ code: 'aborted', name: 'AbortError' })
    },
  )

  test.each<
    [fault: string, timeouts: string, phase: string, except?: Partial<Record<Engine['name'], string>>]
  >([
    ['silence', 'connectMs: 300', 'connect'],
    ['silence', 'totalMs: 300', 'total'],
    ['silence after headers', 'firstMs: 300', 'first'],
    ['silence after headers', 'totalMs: 300', 'total'],
    ['silence in the body', 'idleMs: 300', 'idle'],
    ['silence in the body', 'silenceMs: 300', 'silence'],
    // Firefox settles `fetch` only at the first byte of the body: to a page there are no headers before that.
    ['silence after headers', 'connectMs: 300, firstMs: 1500', 'first', { firefox: 'connect' }],
    // A comment is what a server can do about it.
    ['silence after a comment', 'connectMs: 1000, firstMs: 1500', 'first'],
  ])('%s with %s: a timeout that names its clock', async (fault, timeouts, phase, except = {}) => {
    const heard = await meet(fault, `{ timeouts: { ${timeouts} } }`)
    expect(heard).toMatchObject({
      code: 'timeout',
      name: 'TimeoutError',
      phase: except[engine.name] ?? phase,
    })
  })

  test.each([
    // Whoever leaves `connectMs` alone does not lose a model that thinks before it speaks, in Firefox either.
    ['a late first byte', '{}'],
    ['a comment, then a late first byte', '{ timeouts: { connectMs: 500 } }'],
  ])('%s: patience', async (fault, options) => {
    expect(await meet(fault, options)).toMatchObject({ code: 'whole', text: WHOLE })
  })

  test('a body that cannot be iterated (WebKit): whole', async () => {
    await driver.evaluate('delete ReadableStream.prototype[Symbol.asyncIterator]')
    expect(await driver.evaluate('Symbol.asyncIterator in ReadableStream.prototype')).toBe(false)
    const heard = await meet('no fault')
    await openPage(driver, server.origin)
    expect(heard).toMatchObject({ code: 'whole', text: WHOLE })
  })

  test.each([
    [
      'one attempt, which the engine may send again by itself',
      Number.POSITIVE_INFINITY,
      'false',
      'network',
      1,
    ],
    ['three attempts', 3, '{ baseMs: 1, limit: 8 }', 'whole', 3],
  ])('the same Idempotency-Key with every request: %s', async (_what, times, retry, code, least) => {
    // Chromium and Firefox send a POST again where a connection that was used before breaks before the headers.
    await driver.evaluate("fetch('/').then((response) => response.text())")
    const { id, url } = meeting('reset before headers', server, times)
    const heard = await asked(driver, url, `{ idempotencyKey: true, retry: ${retry} }`)
    expect(heard.code).toBe(code)
    expect(server.keysOf(id).length).toBeGreaterThanOrEqual(Math.max(least, heard.attempts))
    expect(new Set(server.keysOf(id)).size).toBe(1)
    expect(server.keysOf(id)[0]).toMatch(/^.{16,}$/)
  })
})
