import type { Checkpoint } from '../answer/checkpoint.ts'
import type { Position, ResumeCursor } from '../answer/cursor.ts'
import type { Compare, Transcript } from '../answer/transcript.ts'
import type { Callbacks } from '../callbacks.ts'
import type { TruncatedError } from '../errors/errors.ts'
import type { Listeners } from '../listeners.ts'
import type { Plan } from '../options.ts'
import type { Permit } from '../policy/breaker.ts'
import type { Endpoint } from '../request/endpoints.ts'
import type { PreparedRequest } from '../request/prepare.ts'
import type { Scope } from '../scope.ts'
import type { Alarm } from '../time/alarm.ts'
import type { Deadlines } from '../time/deadlines.ts'
import type { Pause } from '../time/pause.ts'
import type { Failure, RetryState } from './retry-state.ts'
import type { Tracker } from './tracker.ts'

/** What the attempts of one reply share. */
export interface Run {
  readonly plan: Plan
  readonly scope: Scope
  readonly alarm: Alarm
  readonly deadlines: Deadlines
  readonly pause: Pause
  readonly transcript: Transcript
  /** What brings resumption, replay and checkpoints, and the place of the stream at hand; `holdfast/core` has neither. */
  readonly recovering: Recovering | undefined
  readonly cursor: ResumeCursor | undefined
  readonly listeners: Listeners
  /** The caller's functions; one that throws, throws a `CallbackError`. */
  readonly callbacks: Callbacks
  /** Monotonic time at which the reply began, in ms. */
  readonly startedAt: number
}

/** What one attempt is made with. */
export interface Attempt {
  /** Counted from 1. */
  readonly number: number
  readonly endpoint: Endpoint
  /** From the start, or the rest. */
  readonly mode: 'anew' | 'resume'
  readonly request: PreparedRequest
  /** Where the rest begins; absent: after all there is. */
  readonly position: Position | undefined
  readonly headers: Headers
  readonly permit: Permit | undefined
}

/** How far a reply has come. */
export type Standing = Pick<Run, 'plan' | 'transcript' | 'cursor'>

/** The request for the rest of a stream, and the place it is to go on from; without one, after all there is. */
export interface Rest {
  readonly request: PreparedRequest
  readonly position: Position | undefined
}

/** What goes on with a stream that broke. */
export interface Recovering {
  /** What is wrong with a checkpoint, in words; `undefined` when nothing is. */
  checkpointFault(value: unknown): string | undefined
  /** Where a reply stands; `undefined` once the answer is whole. */
  checkpointOf(standing: Standing): Checkpoint | undefined
  /** Whether there is a way to ask an endpoint for the rest. */
  canResume(standing: Standing, endpoint: Endpoint, position: Position | undefined): boolean
  /** A reply that goes on from a checkpoint begins there, with all that was there. */
  start(run: Run): Promise<RetryState | undefined>
  /** Asks for the rest; a failure if the caller's function declined and nothing else is left. */
  restFor(run: Run, endpoint: Endpoint, state: RetryState): Promise<Rest | Failure>
  /** Stands where a reply goes on, or at its start. */
  cursor(plan: Plan): ResumeCursor
  /** A response has come: where else its stream is to be had. */
  opened(run: Run, attempt: Attempt, response: Response): void
  /** The error for a stream that has ended where more of it is kept; `undefined`: it is not, or nothing is left of it. */
  interrupted(run: Run, attempt: Attempt): TruncatedError | undefined
  /** Nobody wants the answer any more: tells the server. Nobody need hear whether that worked: it sees that nobody reads. */
  stop(standing: Standing): Promise<void>
  readonly replay: Compare
  /** An attempt begins: at the start of an answer, or where a stream goes on. */
  begin(run: Run, url: string, mode: Attempt['mode'], position: Position | undefined): void
  track(run: Run, position: Position | undefined): Tracker | undefined
}
