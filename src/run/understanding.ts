import type { DialectReader, Verdict } from '../dialects/dialect.ts'
import { brief } from '../errors/brief.ts'
import { ProtocolError, type StreamError, TruncatedError } from '../errors/errors.ts'
import { type Delta, type FinishDelta, isContent, type ServerEvent } from '../events.ts'
import type { Instead } from '../wire/body.ts'

/**
 * Makes the error for a response that is no stream, or none that can be understood.
 *
 * @param text - what it was, or began with.
 * @param advice - what would read it.
 */
export type Refuse = (kind: Instead, text: string, advice?: string) => StreamError

/** How much of a response has been understood: what nothing was understood of is no whole answer. */
export class Understanding {
  /** Whether something of an answer has come, or an event has said why there is none. */
  hasMeaning: boolean
  /** Whether any event was one of the language. */
  isUnderstood = false
  /** The first event of which nothing was understood. */
  #foreign: ServerEvent | undefined
  /** The first that could not be read once the language was understood. */
  #lost = ''
  /** Whether words may have come of which nothing was understood: they may be all of the answer. */
  #isSuspect = false

  /** @param isRest - the answer has begun before: nothing may be left of it but its end. */
  constructor(isRest: boolean) {
    this.hasMeaning = isRest
  }

  /** An event has been read. */
  note(verdict: Verdict, event: ServerEvent): void {
    if (verdict === 'more' || verdict === 'active') this.isUnderstood = true
    else if (verdict === 'foreign' || verdict === 'malformed') this.#foreign ??= event
    if (verdict !== 'malformed') return
    this.#isSuspect = true
    if (this.isUnderstood) this.#lost ||= event.data
  }

  /** An event has brought no word: there may be some in it all the same. */
  suspect(event: ServerEvent): void {
    if (!WORDS.test(event.data)) return
    this.#isSuspect = true
    this.#foreign ??= event
  }

  /** Whether there is an answer, or a word for why there is none, in these deltas or before them. */
  means(deltas: readonly Delta[]): boolean {
    // A function made here would cost each read something, also where it is not called.
    this.hasMeaning ||= deltas.some(this.#brings, this)
    return this.hasMeaning
  }

  #brings(delta: Delta): boolean {
    return (
      isContent(delta) ||
      // Of calls without a call nothing has come, either.
      (delta.type === 'finish' &&
        delta.raw !== undefined &&
        delta.reason !== 'tool-calls' &&
        !(this.#isSuspect && delta.reason === 'stop'))
    )
  }

  /** Takes back an end without a reason, if some of the answer could not be read: that may have said the reason. */
  doubt(deltas: Delta[]): StreamError | undefined {
    const { reason } = (deltas.at(-1) ?? {}) as Partial<FinishDelta>
    if (!this.#lost || reason !== 'unknown') return undefined
    deltas.pop()
    return new ProtocolError(
      `The stream ended without a reason, and part of it could not be read: ${brief(this.#lost)}`,
    )
  }

  /**
   * The error for a stream that was whole and held no answer; `undefined`: there was nothing in it at all. Asked for again
   * it would say the same, and cost the same.
   */
  refusal(dialect: DialectReader, name: string, refuse: Refuse): StreamError | undefined {
    const first = this.#foreign
    if (!first)
      return this.isUnderstood ? new ProtocolError('The stream was whole, and no answer in it') : undefined
    const advice = dialect.advice?.(first) ?? `Is ${name} its dialect? ${ADVICE}`
    return refuse('events', first.data, advice)
  }
}

// A text under a name that a text has; some say in each event that all is well.
const WORDS =
  /"(\w+_)?(text|content|value|token|answer|output|parts|response|delta|message)": *\[?"(?!ok|success)[^"]/i

const ADVICE = 'A function can read it: dialect: (event) => JSON.parse(event.data).text'

/** What to do about a body that has no events; `undefined`: it was broken on its way, or nobody has given it a type. */
export function textAdvice(strange: string | undefined, headers: Headers): string | undefined {
  if (strange === undefined) return undefined
  // Some engines hand on what they could not decompress.
  if (/^[^\t -\ufffc]/.test(strange) && !headers.has('content-encoding'))
    return 'It is binary (Amazon Bedrock?): use its SDK on a server'
  if (/^(?:\s|data:)/.test(strange)) return 'Its lines are indented, or its \\n are no breaks'
  return headers.has('content-type') && !strange.includes('\ufffd')
    ? 'If that is the answer: dialect: text'
    : undefined
}

/** The error for a stream that has ended without an end; `mayBeWhole`: it said that it was over; `words`: its last ones. */
export function cutOff(
  name: string,
  { events, malformed }: { readonly events: number; readonly malformed: number },
  mayBeWhole: boolean,
  words = '',
): StreamError {
  const doubt = malformed > 0 ? `; ${malformed} of them not understood, is dialect right?` : ''
  return new TruncatedError(
    events === 0
      ? 'The stream ended before its first event'
      : `The stream ended without the end marker of ${name} (${events} events${doubt})${words && `; last words: ${words}`}`,
    mayBeWhole,
  )
}
