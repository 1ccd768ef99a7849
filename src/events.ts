/** The vocabulary that goes up the spine: what a server sends, what an answer is made of. */

/**
 * One Server-Sent Event, as it stood on the wire.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export interface ServerEvent {
  /** The `event:` field; `undefined` when the server gave none. */
  readonly event?: string | undefined
  /** The `id:` field of this very event; `undefined` when it had none. */
  readonly id?: string | undefined
  /** The `data:` lines, joined by newlines. */
  readonly data: string
}

/**
 * What an event was to the answer. `'content'`: it brought some of it. `'other'`: it brought nothing (a role, a ping, an
 * end, or what waits for its other half). `'again'`: a stream that was resumed or asked anew repeats what had come.
 * `'partly'`: some of it had come. `'error'`: the stream ends with it.
 */
export type EventRole = 'content' | 'other' | 'again' | 'partly' | 'error'

/** A piece of answer text. */
export interface TextDelta {
  readonly type: 'text'
  readonly text: string
}

/** A piece of the model's reasoning. */
export interface ReasoningDelta {
  readonly type: 'reasoning'
  readonly text: string
}

/** A piece of a tool call: `arguments` is a piece of JSON text, to be joined with those before it. */
export interface ToolCallDelta {
  readonly type: 'tool-call'
  /** Which call of the answer this piece belongs to. */
  readonly index: number
  /** The call's id; `''` where the provider did not repeat it. */
  readonly id: string
  /** The tool's name; `''` where the provider did not repeat it. */
  readonly name: string
  readonly arguments: string
}

/**
 * Text taken back: the answer is being given anew and went another way.
 * `text` and `reasoning` say how many characters (UTF-16 units) of each stay; tool calls start anew.
 */
export interface RewindDelta {
  readonly type: 'rewind'
  readonly text: number
  readonly reasoning: number
}

/** What the provider says the answer cost so far; a later one replaces an earlier one. */
export interface UsageDelta {
  readonly type: 'usage'
  readonly usage: Usage
}

/** The answer is whole, and why it ended. Usage may still follow. */
export interface FinishDelta {
  readonly type: 'finish'
  readonly reason: FinishReason
  /** The provider's own word; absent when it gave none. */
  readonly raw?: string | undefined
}

/** One step of an answer. Sinks handle every `type`. */
export type Delta = TextDelta | ReasoningDelta | ToolCallDelta | RewindDelta | UsageDelta | FinishDelta

/** Text, reasoning and tool calls are content, and progress; usage and the like are neither. */
export function isContent({ type }: Delta): boolean {
  return type === 'text' || type === 'reasoning' || type === 'tool-call'
}

export function isFinish({ type }: Delta): boolean {
  return type === 'finish'
}

/** Why an answer ended. `length` is a whole answer that met its token limit; `unknown`: the provider did not say. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other' | 'unknown'

/** Token counts as the provider reported them; a count it did not give is absent, never invented. */
export interface Usage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly totalTokens?: number
  readonly reasoningTokens?: number
  readonly cachedTokens?: number
  /** The provider's own object. */
  readonly raw: unknown
}

/** A tool call, joined from its deltas. */
export interface ToolCall {
  readonly index: number
  readonly id: string
  readonly name: string
  /** JSON text, exactly as the model wrote it. */
  readonly arguments: string
}

/** What became of one attempt, or of an endpoint that could not even be asked. */
export interface AttemptStats {
  /** Who was asked: the URL without user, password and query. */
  readonly url: string
  /** `resume`: the stream went on where it had broken. */
  readonly mode: 'anew' | 'resume'
  /** When it began, in ms since the reply began. */
  readonly startMs: number
  /** When it ended, likewise; `undefined` while it is under way. */
  readonly endMs: number | undefined
  /** The response's status, if there was a response. */
  readonly status: number | undefined
  /** The error's `code`; `undefined` for the attempt that brought the whole answer, or is under way. */
  readonly error: string | undefined
  /** The error's message. */
  readonly message: string | undefined
}

/** Measurements of one reply, all attempts and waits included. Times are in ms since the reply began. */
export interface Stats {
  /** Each attempt, in order: who answered, and why the others did not. */
  readonly attempts: readonly AttemptStats[]
  /** Headers of the last response. In Firefox `fetch` settles only at the first body byte. */
  readonly headersMs: number | undefined
  readonly firstByteMs: number | undefined
  /** Time to first token: the first text, reasoning or tool-call delta. */
  readonly firstDeltaMs: number | undefined
  readonly totalMs: number | undefined
  /** The longest wait between two deltas of one attempt. */
  readonly longestGapMs: number
  /** Bytes of response bodies, after decompression. */
  readonly bytes: number
  readonly events: number
  /** Comment lines: signs of life that are no progress. */
  readonly keepAlives: number
  /** Events whose data could not be understood and was skipped. */
  readonly malformed: number
}

/** A whole answer, or what had arrived of one. */
export interface Answer {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** `undefined` while the answer is not whole. */
  readonly finishReason: FinishReason | undefined
  /** The provider's own word for the end, if it gave one. */
  readonly rawFinishReason: string | undefined
  readonly usage: Usage | undefined
  /** The provider's id of the answer, if it gave one. */
  readonly id: string | undefined
  /** The model that answered, as the provider calls it. */
  readonly model: string | undefined
  readonly stats: Stats
}

/** How much of an answer there is, in UTF-16 units: a place in it. */
export interface Place {
  readonly text: number
  readonly reasoning: number
  /** Of each tool call's arguments, by the call's index; absent when there is none. */
  readonly calls?: Readonly<Record<number, number>> | undefined
}

/** An answer of which nothing has arrived. */
export const nothing: Answer = Object.freeze({
  text: '',
  reasoning: '',
  toolCalls: Object.freeze([]),
  finishReason: undefined,
  rawFinishReason: undefined,
  usage: undefined,
  id: undefined,
  model: undefined,
  stats: Object.freeze({
    attempts: Object.freeze([]),
    headersMs: undefined,
    firstByteMs: undefined,
    firstDeltaMs: undefined,
    totalMs: undefined,
    longestGapMs: 0,
    bytes: 0,
    events: 0,
    keepAlives: 0,
    malformed: 0,
  }),
})

/** A sequence of deltas; a reader that understands `rewind` says so before it reads. */
export interface DeltaSource extends AsyncIterable<Delta> {
  /** Consent to a {@link RewindDelta}: the next iterator belongs to a reader that can take text back. */
  acceptRewind?(): void
  /** Ends it: whoever was to read it cannot. */
  cancel?(reason?: unknown): void
}
