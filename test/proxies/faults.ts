/** What can happen to an answer behind a proxy. */
import { constants, deflateRawSync } from 'node:zlib'
import { DONE, finish, json, role, text } from '../support/chat.ts'
import type { Script, Step } from '../support/fault-server.ts'

/** What the whole answer says, and what has been said when a fault happens. */
export const BEGUN = 'Hold'
export const WHOLE = 'Hold fast.'

interface Fault {
  /** @param seen - settles when the client has read some text. `RST`: there is not even a header. */
  script(seen: Promise<void>): Script | 'RST'
  /** Where the path goes: by a proxy that does not wait long, or to a port where nobody is. */
  readonly way?: '/hasty' | '/down'
}

const begun = role + text(BEGUN)
const rest = text(' fast.') + finish() + DONE
/** What is answered when there have been faults enough. */
export const AT_ONCE: Script = { steps: [begun + rest, 'END'] }
const SSE = { 'content-type': 'text/event-stream' }
// Behind a proxy that gathers the client sees nothing: the fault comes all the same.
const GATHERED_MS = 500

const at = (steps: readonly Step[]): Fault => ({ script: () => ({ steps }) })
const answered = (script: Script): Fault => ({ script: () => script })
const none = (way: '/hasty' | '/down'): Fault => ({ script: () => ({}), way })

/** When the client has read the beginning. */
const midway = (...then: readonly Step[]): Fault => begins({}, begun, ...then)

function begins(headers: Record<string, string>, beginning: Step, ...then: readonly Step[]): Fault {
  return {
    script(seen) {
      const late = new Promise((resolve) => setTimeout(resolve, GATHERED_MS))
      return { headers: { ...SSE, ...headers }, steps: [beginning, Promise.race([seen, late]), ...then] }
    },
  }
}

// Flushed after the beginning, so that every client can read that much.
const gzipHead = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)
const deflated = (data: string) => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH })
const overloaded = { error: { message: 'Overloaded', type: 'overloaded_error', code: 'server_error' } }
const limited = { error: { message: 'Slow down', type: 'rate_limit', code: 'rate_limit_exceeded' } }

export const faults = {
  'no fault': midway(rest, 'END'),
  'end between chunks': midway('FIN'),
  'end in a chunk': midway('HALF', 'FIN'),
  'reset mid-text': midway('RST'),
  'reset before headers': { script: () => 'RST' },
  'reset after headers': at([{ wait: 50 }, 'RST']),
  'end after headers': at([{ wait: 50 }, 'FIN']),
  'end short of content-length': begins({ 'content-length': '5000' }, begun, 'FIN'),
  'cut gzip': begins(
    { 'content-encoding': 'gzip' },
    Buffer.concat([gzipHead, deflated(begun)]),
    deflated(rest).subarray(0, 40),
    'FIN',
  ),
  'error in the stream': midway(`data: ${JSON.stringify(overloaded)}\n\n`, 'END'),
  '503 with Retry-After': answered(json(503, overloaded, { 'retry-after': '1' })),
  '429 with Retry-After': answered(json(429, limited, { 'retry-after': '1' })),
  '500 with a page': answered({
    ...{ status: 500, headers: { 'content-type': 'text/html' } },
    steps: ['<!doctype html><h1>Oops</h1>', 'END'],
  }),
  '200 with a page': answered({
    headers: { 'content-type': 'text/html' },
    steps: ['<!doctype html><h1>Sign in</h1>', 'END'],
  }),
  'silence before headers': { script: () => ({}) },
  'silence after headers': at(['HANG']),
  'silence mid-text': midway('HANG'),
  'silence before headers, and a proxy in haste': none('/hasty'),
  'silence mid-text, and a proxy in haste': { ...midway('HANG'), way: '/hasty' },
  'nobody behind the proxy': none('/down'),
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults

/** The path of an ask that meets a fault: each time, or the first so many times. */
export function pathOf(fault: FaultName, ask: string, times?: number): string {
  const { way }: Fault = faults[fault]
  const query = `ask=${ask}${times === undefined ? '' : `&times=${times}`}`
  return `${way ?? ''}/fault/${encodeURIComponent(fault)}?${query}`
}
