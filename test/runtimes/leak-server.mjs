/** A server that quotes what it is told to, in every way a server fails. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { closed, listening } from './listening.mjs'

/**
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(key: string, response: Response) => void} Failure
 */

/** @type {(status: number, type: string, body: (key: string) => string, headers?: (key: string) => Record<string, string>) => Failure} */
const answer = (status, type, body, headers) => (key, response) =>
  void response.writeHead(status, { 'content-type': type, ...headers?.(key) }).end(body(key))
/** @type {(status: number, body: (key: string) => unknown, headers?: (key: string) => Record<string, string>) => Failure} */
const json = (status, body, headers) =>
  answer(status, 'application/json', (key) => JSON.stringify(body(key)), headers)
/** @type {(data: (key: string) => unknown) => Failure} */
const events = (data) =>
  answer(200, 'text/event-stream', (key) => `${BEGUN}data: ${JSON.stringify(data(key))}\n\n`)

const BEGUN = 'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\n'
const WHOLE = 'data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
/** Ends so that the key is cut in its middle by whoever shows so many characters. */
const until = (/** @type {number} */ size) => 'x'.repeat(size - 12)

/** @type {Record<string, Failure>} */
const FAILURES = {
  message: json(401, (key) => ({ error: { message: `Incorrect API key provided: ${key}.` } })),
  names: json(
    400,
    (key) => ({ error: { message: 'no', type: key, code: key } }),
    (key) => ({ 'x-request-id': key }),
  ),
  text: answer(400, 'text/plain', (key) => `bad key ${key}`),
  title: answer(403, 'text/html', (key) => `<html><title>Who is ${key}?</title></html>`),
  'long-text': answer(500, 'text/plain', (key) => `${until(500)}${key}`),
  huge: answer(400, 'text/plain', (key) => `${until(65_536)}${key}${'y'.repeat(9_000)}`),
  'long-message': json(400, (key) => ({
    error: { message: `${until(300)}${key}`, type: `${until(300)}${key}` },
  })),
  'cut-body': (key, response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    response.write(`{"error":"${key.slice(0, 14)}`, () => setTimeout(() => response.destroy(), 5))
  },
  nested: json(422, (key) => ({ detail: [{ input: { [key]: [key, Number(key)] } }] })),
  // As PHP writes it.
  slash: answer(401, 'application/json', (key) => `{"message":"not ${key.replaceAll('/', '\\/')}"}`),
  'in-band': events((key) => ({ error: { message: `Bad key ${key}`, type: key, code: key } })),
  'in-band-long': events((key) => ({
    error: { message: `${until(300)}${key}`, code: `${until(300)}${key}` },
  })),
  'under-200': json(200, (key) => ({ error: { message: `${key} is invalid`, code: key } })),
  'page-under-200': answer(200, 'text/html', (key) => `<title>${key}</title>`),
  'not-understood': answer(200, 'text/event-stream', (key) => `data: {"who":"${key}"}\n\n`),
  'long-not-understood': answer(200, 'text/event-stream', (key) => `data: {"q":"${until(154)}${key}"}\n\n`),
  reset: (_key, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(BEGUN, () => setTimeout(() => response.socket?.resetAndDestroy(), 5))
  },
  cut: answer(200, 'text/event-stream', () => BEGUN),
  redirect: (key, response) =>
    void response.writeHead(307, { location: `/leak/text?who=${key}#${key}` }).end(`See ${key}`),
  headers: answer(
    200,
    'text/event-stream',
    () => BEGUN,
    (key) => ({ 'x-echo': `you sent ${key}` }),
  ),
  answer: answer(200, 'text/event-stream', () => WHOLE),
  unavailable: json(503, (key) => ({ error: { message: `${key} has to wait` } })),
}

/** @typedef {{ readonly origin: string, readonly dead: string, close(): Promise<void> }} LeakServer */

/**
 * @param {Record<string, string>} files - what it serves besides, by path: for a page.
 * @returns {Promise<LeakServer>}
 */
export async function startLeakServer(files = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    const file = files[pathname]
    if (file)
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(await readFile(file))
    const fail = FAILURES[pathname.replace(/^\/(leak\/)?/, '')]
    if (!fail) return void response.writeHead(200, { 'content-type': 'text/html' }).end()
    let body = ''
    for await (const part of request) body += part
    fail(JSON.parse(body || '{}').quote ?? '', response)
  })
  const origin = await listening(server)
  const gone = createServer()
  const dead = await listening(gone)
  await closed(gone)
  return { origin, dead, close: () => closed(server) }
}
