/** A model server whose events have ids, and that goes on after one as well as it knows how; no sockets. */
import type { Shown } from './screen.ts'
import { bodyOf, eventsOf, type Language, type Script, wholeOf } from './scripted-server.ts'

/** Which events have an id, and what it looks like. */
export interface Numbering {
  readonly style: 'number' | 'padded' | 'prefixed' | 'scattered' | 'latin' | 'chinese'
  /** Event number `first` has one, and each `every`-th from there on; `0`: none has. */
  readonly every: number
  readonly first: number
  readonly where: 'before the data' | 'after the data'
  /** An id without data comes after so many events; `0`: never. */
  readonly alone: number
}

/** What the server does when it is asked for the rest. */
export type Manner =
  | 'obeys'
  /** Begins `early` events before. */
  | 'overlaps'
  | 'starts over'
  /** Begins another answer, whose events have the same ids. */
  | 'starts another'
  /** The same, and the completion has another id, too. */
  | 'starts another completion'
  /** Another completion, whose events have ids of their own. */
  | 'renumbers'
  | 'refuses'

/** Where a response ends: after so many events and so many bytes of the next one (from its end, if below 0). */
export interface Cut {
  readonly events: number
  readonly bytes: number
  readonly breaks: boolean
}

export interface ServerScene {
  readonly language: Language
  /** What the model says, each time that it begins anew. */
  readonly answers: readonly Script[]
  readonly numbering: Numbering
  readonly manner: Manner
  readonly early: number
  /** What the first requests meet; all others are served to the end. */
  readonly cuts: readonly Cut[]
  readonly sizes: readonly number[]
}

/** One answer, as it is sent. */
interface Told {
  readonly events: readonly Uint8Array[]
  readonly ids: readonly (string | undefined)[]
  /** How many bytes of it were sent, at most. */
  sent: number
}

const NAMES: Readonly<Record<Numbering['style'], (n: number) => string>> = {
  number: (n) => `${n}`,
  padded: (n) => `${n}`.padStart(8, '0'),
  prefixed: (n) => `e-${n}`,
  // An odd factor: no two numbers below 2³² come out the same.
  scattered: (n) => (Math.imul(n, 2_654_435_761) >>> 0).toString(36),
  latin: (n) => `é${n}`,
  chinese: (n) => `消息${n}`,
}

export class NumberedServer {
  readonly #scene: ServerScene
  readonly #told: Told[] = []
  /** The whole answers it has begun to give. */
  readonly given: Shown[] = []
  /** What no library should do. */
  readonly strange: string[] = []
  requests = 0
  /** The most requests in a row that brought nothing new. */
  mostIdle = 0
  #idle = 0
  #page = 0

  constructor(scene: ServerScene) {
    this.#scene = scene
  }

  /** The page that was there is gone; a `fetch` for the next one. */
  turnPage(): typeof fetch {
    const page = ++this.#page
    this.#idle = 0
    for (const told of this.#told) told.sent = 0
    return async (input, init) => {
      if (page !== this.#page) this.strange.push('a request from a page that is gone')
      return this.#answer(new Request(input, init).headers.get('last-event-id'))
    }
  }

  #answer(header: string | null): Response {
    const cut = this.#scene.cuts[this.requests++]
    const rest = header === null ? this.#begin() : this.#goOn(Buffer.from(header, 'latin1').toString())
    this.mostIdle = Math.max(this.mostIdle, ++this.#idle)
    if (!rest) return new Response('{}', { status: 404 })
    const { told, from } = rest
    const events = told.events.slice(from)
    const parts = cut ? [...events.slice(0, cut.events), events[cut.events]?.subarray(0, cut.bytes)] : events
    const bytes = Buffer.concat(parts.map((part) => part ?? new Uint8Array()))
    const sent = Buffer.concat(told.events.slice(0, from)).length + bytes.length
    if (sent > told.sent) {
      told.sent = sent
      this.#idle = 0
    }
    const body = bodyOf(bytes, { breaks: cut?.breaks ?? false, sizes: this.#scene.sizes })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

  #begin(): { readonly told: Told; readonly from: number } {
    const { answers, manner, language, numbering } = this.#scene
    const n = this.#told.length
    const first = this.#told[0]
    if (first && manner === 'starts over') return { told: first, from: 0 }
    const script = answers[n % answers.length] as Script
    const spoken = eventsOf(language, script, manner === 'starts another' ? 'c' : `c-${n}`)
    const hasOwnIds = manner !== 'starts another' && manner !== 'starts another completion'
    const told = numbered(spoken, numbering, hasOwnIds ? n * 1000 : 0)
    this.#told.push(told)
    this.given.push(wholeOf(script))
    return { told, from: 0 }
  }

  #goOn(id: string): { readonly told: Told; readonly from: number } | undefined {
    const { manner, early } = this.#scene
    const told = this.#told.findLast(({ ids }) => ids.includes(id))
    if (!told) this.strange.push(`asked for what follows ${JSON.stringify(id)}, which was never sent`)
    if (manner === 'refuses') return undefined
    if (!told || !['obeys', 'overlaps'].includes(manner)) return this.#begin()
    const next = told.ids.indexOf(id) + 1
    return { told, from: manner === 'overlaps' ? Math.max(0, next - early) : next }
  }
}

function numbered(spoken: readonly string[], numbering: Numbering, base: number): Told {
  const { style, every, first, where, alone } = numbering
  const ids: (string | undefined)[] = []
  const texts: string[] = []
  const add = (text: string, hasId: boolean) => {
    const id = hasId ? NAMES[style](base + ids.length + 1) : undefined
    ids.push(id)
    const line = id === undefined ? '' : `id: ${id}\n`
    texts.push(where === 'before the data' ? `${line}${text}\n` : `${text}${line}\n`)
  }
  for (const [n, event] of spoken.entries()) {
    add(event.slice(0, -1), every > 0 && n >= first && (n - first) % every === 0)
    if (every > 0 && alone > 0 && n % alone === alone - 1) add('', true)
  }
  return { events: texts.map((text) => new TextEncoder().encode(text)), ids, sent: 0 }
}
