/** Why answers end, in the words of every provider we know: one table for all dialects. */
import { brief } from '../errors/brief.ts'
import { ApiError } from '../errors/errors.ts'
import type { Delta, FinishReason } from '../events.ts'

// A word that is none of these is `other`; the caller has it as `rawFinishReason`.
const REASONS: readonly (readonly [FinishReason | 'broken', RegExp])[] = [
  ['stop', /^(stop|stop_sequence|end_turn|end|eos|eos_token|word|normal|completed?|done|finish(ed)?)$/],
  [
    'length',
    /^(length|limit|(model|max|token)_(length|limit)|max(_output|_new)?_tokens|(model_context_window|context_length)_exceeded)$/,
  ],
  ['tool-calls', /^(tool|function)_(calls?|use)$/],
  [
    'content-filter',
    /filter|safety|sensitive|refus|blocklist|prohibited|recitation|spii|armor|jailbreak|guardrail|toxic/,
  ],
  ['unknown', /unspecified|^unknown$/],
  [
    'broken',
    /abort|cancel|error|fail|interrupted|insufficient|overload|disconnect|exception|rate_limit|expired|budget|time_?(limit|out)/,
  ],
]

// No word for an end is longer.
const WORD_CHARS = 200

/** A reason in our words; `undefined` if it is the word for an end that is none. */
export function reasonOf(raw: string): FinishReason | undefined {
  const word = raw
    .slice(0, WORD_CHARS)
    .replace(/([a-z])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .replaceAll('-', '_')
  const [reason] = REASONS.find(([, words]) => words.test(word)) ?? ['other' as const]
  return reason === 'broken' ? undefined : reason
}

/** The provider's word for the end, if it has given one: some fill the field in from the start. */
export function rawReasonOf(value: unknown): string | undefined {
  // SGLang gives an object. Most events have none: the look must cost them nothing.
  const word = typeof value === 'object' ? (value as { readonly type?: unknown } | null)?.type : value
  return typeof word === 'string' && !/^(null|none|)$/i.test(word) ? word : undefined
}

/** What a provider calls an end that is none. */
export function brokenOff(raw: string): ApiError {
  return new ApiError({
    message: `The provider broke the answer off (${brief(raw)})`,
    // Somebody wanted that one to end; nobody wants another request for it.
    type: /cancel/i.test(raw) ? 'cancelled' : 'interrupted',
    code: brief(raw),
  })
}

/** What stands beside a reason and says more. */
export interface Circumstances {
  readonly isRefusal?: boolean
  /** The end is sure, though no reason is given. */
  readonly isSilent?: boolean
  readonly hasCalls?: boolean
}

/** Ends an answer: with a `finish` delta, or with the error that it broke off. */
export function finish(
  raw: string | undefined,
  deltas: Delta[],
  { isRefusal = false, isSilent = false, hasCalls = false }: Circumstances = {},
): ApiError | undefined {
  const reason = raw === undefined ? (isSilent ? 'stop' : 'unknown') : reasonOf(raw)
  if (reason === undefined) return brokenOff(raw ?? '')
  const meant = isRefusal ? 'content-filter' : reason === 'stop' && hasCalls ? 'tool-calls' : reason
  deltas.push({ type: 'finish', reason: meant, raw })
  return undefined
}
