import type { Transcript } from '../answer/transcript.ts'
import type { Tracker } from './tracker.ts'
import type { Refuse } from './understanding.ts'

/** Where what is understood is laid down, and what of it is wanted as it stood. */
export interface Desk {
  readonly transcript: Transcript
  readonly tracker: Tracker | undefined
  readonly wants: { readonly events: boolean; readonly comments: boolean }
  readonly maxEventBytes: number
  /** The error for what cannot be understood. */
  readonly refuse: Refuse
  /** How long the server wants to be left alone whenever a stream of it breaks, in ms. */
  onRetry(ms: number): void
  /** A comment or a ping: a sign of life that says nothing. */
  onSign(sign: string): void
}
