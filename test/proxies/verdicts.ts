/** What is to be heard of each fault: at the server itself, and behind each door. */
import { DOORS, type Door, gathers } from './configs.ts'
import { BEGUN, type FaultName, WHOLE } from './faults.ts'

/** An end in words, and the text that had come by then. */
export interface Verdict {
  readonly verdict: string
  readonly text: string
  /** How often the server was asked. */
  readonly requests: number
}

/** Some text, or none: a proxy that has gathered it may let go of it in its last moment, or not. */
export const SOME = `${BEGUN}?`

/** A proxy that makes something else of a fault. */
interface Exception extends Omit<Verdict, 'requests'> {
  readonly behind: readonly Door[]
  readonly requests?: number
}

interface Row {
  readonly usual: Verdict
  readonly but: readonly Exception[]
}

/** @param exceptions - with what each of those doors does. */
const row = (verdict: string, text: string, ...exceptions: readonly Exception[]): Row => ({
  usual: { verdict, text, requests: 1 },
  but: exceptions,
})

const everyDoor: readonly Door[] = Object.values(DOORS).flat()
const gathering: readonly Door[] = everyDoor.filter(gathers)
/** HTTP/1.0 has no chunks: the end of the connection is the end of the answer, and that is what nginx hands on. */
const ends10: readonly Door[] = ['nginx, HTTP/1.0', ...gathering]
/** Whatever happens to the server's connection, these end what they have begun as if it were whole. */
const alwaysEnds: readonly Door[] = ['Caddy', 'Caddy, h2', 'HAProxy, h2']

const politely = (text: string, ...behind: readonly Door[]): Exception => ({
  ...{ verdict: 'truncated', text, behind },
})
/** It has a full buffer or an end to wait for, with the headers too; only a polite end lets go of all. */
const gathered = (verdict: string, text = ''): Exception => ({ verdict, text, behind: gathering })
/** The proxy's own answer, where there was none. */
const says = (status: number, ...behind: readonly Door[]): Exception => ({
  ...{ verdict: `http ${status}`, text: '', behind },
})

export const table: Readonly<Record<FaultName, Row>> = {
  'no fault': row('whole', WHOLE),
  'end between chunks': row('network body', BEGUN, politely(BEGUN, ...ends10, ...alwaysEnds)),
  'end in a chunk': row('network body', BEGUN, politely(BEGUN, ...ends10, ...alwaysEnds)),
  'reset mid-text': row(
    'network body',
    BEGUN,
    politely(BEGUN, ...alwaysEnds),
    gathered('network body', SOME),
  ),
  // HAProxy tells by HTTP/2 that nobody has seen the request (REFUSED_STREAM), so Chromium sends it again, and again.
  'reset before headers': row(
    'network connect',
    '',
    { verdict: 'network connect', text: '', requests: 3, behind: ['HAProxy, h2'] },
    says(502, ...everyDoor),
  ),
  'reset after headers': row('network body', '', politely('', ...alwaysEnds)),
  'end after headers': row('network body', '', politely('', ...ends10, ...alwaysEnds)),
  // Over HTTP/1.1 the client counts for itself.
  'end short of content-length': row(
    'network body',
    BEGUN,
    politely(BEGUN, 'HAProxy, h2', 'Caddy, h2'),
    gathered('network body', SOME),
  ),
  // Of a compressed text a busy Chromium may drop, at a reset of HTTP/2, what it has not unpacked.
  'cut gzip': row('network body', BEGUN, politely(BEGUN, ...ends10, ...alwaysEnds), {
    ...{ verdict: 'network body', text: SOME, behind: ['nginx, h2'] },
  }),
  'error in the stream': row('api', BEGUN),
  '503 with Retry-After': row('http 503', ''),
  '429 with Retry-After': row('http 429', ''),
  '500 with a page': row('http 500', ''),
  '200 with a page': row('protocol 200', ''),
  'silence before headers': row('timeout connect', ''),
  'silence after headers': row('timeout first', '', gathered('timeout connect')),
  'silence mid-text': row('timeout idle', BEGUN, gathered('timeout connect')),
  'silence before headers, and a proxy in haste': row('http 504', ''),
  'silence mid-text, and a proxy in haste': row(
    'network body',
    BEGUN,
    politely(BEGUN, ...alwaysEnds),
    gathered('network body', SOME),
  ),
  // HAProxy has another word for it.
  'nobody behind the proxy': row(
    'http 502',
    '',
    { ...says(503, 'HAProxy', 'HAProxy, h2'), requests: 0 },
    { ...says(502, ...everyDoor), requests: 0 },
  ),
}

/** @param door - `undefined`: at the server itself. */
export function verdictOf(fault: FaultName, door: Door | undefined): Verdict {
  const { usual, but } = table[fault]
  const { verdict, text, requests } = { ...usual, ...but.find(({ behind }) => door && behind.includes(door)) }
  return { verdict, text, requests }
}
