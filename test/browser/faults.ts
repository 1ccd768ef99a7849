/** What can happen to a request, byte for byte. */
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { DONE, finish, role, text } from '../support/chat.ts'

/** What the whole answer says, and what has been said when a fault happens. */
export const BEGUN = 'Hold'
export const WHOLE = 'Hold fast.'

/**
 * Bytes to be written, a wait in ms, a wait for the page to say that it has read some text (an engine may drop what
 * it has not handed out yet when the connection breaks), or an end of the socket: polite (`FIN`) or rude (`RST`).
 */
export type Step = string | Uint8Array | number | 'SEEN' | 'FIN' | 'RST'

const begun = role + text(BEGUN)
const rest = text(' fast.') + finish() + DONE
const whole = begun + rest

const head = (...lines: readonly string[]) =>
  `${['HTTP/1.1 200 OK', 'content-type: text/event-stream', ...lines].join('\r\n')}\r\n\r\n`
const chunk = (data: string) => `${data.length.toString(16)}\r\n${data}\r\n`
const CHUNKED = head('transfer-encoding: chunked')
const CLOSED = head('connection: close')
const GZIPPED = head('connection: close', 'content-encoding: gzip')

// Flushed after the beginning, so that every engine can read that much.
const gzipHead = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)
const deflated = (data: string) => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH })

export const faults: Readonly<Record<string, readonly Step[]>> = {
  'no fault': [CHUNKED, chunk(whole), '0\r\n\r\n'],

  // Before the headers.
  'reset before headers': ['RST'],
  'end before headers': ['FIN'],
  'bytes that are not HTTP': ['SSH-2.0-OpenSSH_9.2\r\n\r\n', 'FIN'],

  // In the body, when the page has read its beginning.
  'reset in a chunk': [CHUNKED, chunk(begun), 'ff\r\ndata:', 'SEEN', 'RST'],
  'end in a chunk': [CHUNKED, chunk(begun), 'ff\r\ndata:', 'SEEN', 'FIN'],
  'end between chunks': [CHUNKED, chunk(begun), 'SEEN', 'FIN'],
  'broken chunk size': [CHUNKED, chunk(begun), 'SEEN', 'zz\r\ndata: x\r\n', 'FIN'],
  'end short of content-length': [head('content-length: 5000'), begun, 'SEEN', 'FIN'],
  'reset of a body without length': [CLOSED, begun, 'SEEN', 'RST'],
  'end of a body without length': [CLOSED, begun, 'SEEN', 'FIN'],
  'cut gzip': [GZIPPED, gzipHead, deflated(begun), 'SEEN', deflated(rest).subarray(0, 40), 'FIN'],
  'corrupt gzip': [GZIPPED, gzipHead, deflated(begun), 'SEEN', new Uint8Array(64).fill(0xff), 'FIN'],

  // The same in one go: some engines drop the beginning with the end.
  'end in a chunk, at once': [CHUNKED + chunk(begun), 'ff\r\ndata:', 'FIN'],
  'end between chunks, at once': [CHUNKED + chunk(begun), 'FIN'],
  'broken chunk size, at once': [`${CHUNKED + chunk(begun)}zz\r\ndata: x\r\n`, 'FIN'],
  'end short of content-length, at once': [head('content-length: 5000') + begun, 'FIN'],
  'cut gzip, at once': [GZIPPED, gzipSync(whole).subarray(0, -30), 'FIN'],
  'corrupt gzip, at once': [
    GZIPPED,
    Uint8Array.from(gzipSync(whole), (byte, at) => (at > 60 && at < 90 ? byte ^ 0xa5 : byte)),
    'FIN',
  ],

  'page of a proxy': [CLOSED.replace('event-stream', 'html'), '<!doctype html><title>Sign in</title>', 'FIN'],

  // Silence, and what is only late.
  silence: [],
  'silence after headers': [CHUNKED],
  'silence after a comment': [CHUNKED, chunk(': ok\n\n')],
  'silence in the body': [CHUNKED, chunk(begun)],
  'a late first byte': [CHUNKED, 700, chunk(whole), '0\r\n\r\n'],
  'a comment, then a late first byte': [CHUNKED, chunk(': ok\n\n'), 700, chunk(whole), '0\r\n\r\n'],
  'a second word after 3 s': [CHUNKED, chunk(begun), 3000, chunk(rest), '0\r\n\r\n'],
  'a socket held open after the end': [CHUNKED, chunk(whole)],
  'an end of the body after that of the answer': [CHUNKED, chunk(whole), 40, '0\r\n\r\n'],
}

/** An answer that says just these pieces. */
export function saying(pieces: readonly string[]): readonly Step[] {
  return [CLOSED, role, ...pieces.map(text), finish() + DONE, 'FIN']
}
