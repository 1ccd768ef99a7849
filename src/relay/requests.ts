/** What a request asks of a relay. */
import { schedule } from '../time/clock.ts'
import type { Body } from './options.ts'
import { Refusal } from './responses.ts'
import type { AnswerKey } from './store.ts'

// Who sends nothing for so long has gone.
const BODY_IDLE_MS = 10_000
const LONGEST_KEY = 255
/** Without owners a key is a secret: as long as an id. */
const SECRET_KEY = 22
const ID = /^a[0-9A-Za-z]{22}$/

/** An id: `a` and 128 random bits. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let rest = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  let id = ''
  for (let at = 0; at < 22; at++, rest /= 62n) id = DIGITS[Number(rest % 62n)] + id
  return `a${id}`
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Where a request goes: an answer, if the last part of its path is an id. */
export interface Target {
  readonly id: string | undefined
  readonly isStop: boolean
  /** The path without the id. */
  readonly mount: string
  readonly url: URL
}

export function targetOf(request: Request): Target {
  const url = new URL(request.url)
  const parts = url.pathname.replace(/\/+$/, '').split('/')
  const isStop = parts.at(-1) === 'stop' && ID.test(parts.at(-2) ?? '')
  if (isStop) parts.pop()
  const isAnswer = ID.test(parts.at(-1) ?? '')
  const id = isAnswer ? parts.pop() : undefined
  // What begins with two slashes would be a host.
  return { id, isStop, mount: parts.join('/').replace(/^\/+/, '/'), url }
}

/**
 * After which event a reader goes on; the header goes before `?after`.
 *
 * @throws Refusal for one that is no whole number.
 */
export function cursorOf(request: Request, url: URL): number {
  const given = request.headers.get('last-event-id') || url.searchParams.get('after') || '0'
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new Refusal(400, 'bad_cursor', 'Last-Event-ID, or after, must be the number of an event')
}

/** @throws Refusal for one that is too large, never ends, or is no JSON object. */
export async function bodyOf(request: Request, maxBytes: number): Promise<{ text: string; body: Body }> {
  const text = await textOf(request, maxBytes > 0 ? maxBytes : Number.POSITIVE_INFINITY)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new Refusal(400, 'bad_json', 'The body is not JSON')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal(400, 'bad_body', 'The body must be a JSON object')
  return { text, body: body as Body }
}

async function textOf(request: Request, maxBytes: number): Promise<string> {
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes)
  // Firefox shows no body, but has one: its own page's, all of which is there.
  const body = request.body === undefined ? (await request.blob()).stream() : request.body
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let bytes = 0; reader; ) {
    const part = await withinIdle(reader)
    bytes += part.value?.byteLength ?? 0
    if (bytes > maxBytes) {
      void reader.cancel().catch(() => {})
      throw tooLarge(maxBytes)
    }
    if (part.done) break
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, 'body_too_large', `The body has more than ${maxBytes} bytes (maxBodyBytes)`)
}

type Part = ReadableStreamReadResult<Uint8Array>

function withinIdle(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Part> {
  return new Promise((resolve, reject) => {
    const off = schedule(BODY_IDLE_MS, () => {
      reject(new Refusal(408, 'body_timeout', 'The body did not come to its end'))
      void reader.cancel().catch(() => {})
    })
    const broken = (): void => reject(new Refusal(400, 'bad_body', 'The body broke off'))
    reader.read().then(resolve, broken).finally(off)
  })
}

/**
 * The key of a question, so that it is asked once, though it may be sent twice.
 *
 * @throws Refusal for a key that is none.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export async function keyOf(
  request: Request,
  owner: string,
  hasOwners: boolean,
  text: string,
): Promise<AnswerKey | undefined> {
  const given = request.headers.get('idempotency-key')
  if (given === null) return undefined
  if (!/^[\x20-\x7e]+$/.test(given) || given.length > LONGEST_KEY)
    throw new Refusal(400, 'bad_key', `Idempotency-Key must be 1 to ${LONGEST_KEY} printable characters`)
  if (!hasOwners && given.length < SECRET_KEY) return undefined
  const [name, digest] = await Promise.all([hashed(`${owner}\n${given}`), hashed(text)])
  return { name, digest }
}

async function hashed(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
