import type { Position, ResumeCursor } from '../answer/cursor.ts'
import type { Transcript } from '../answer/transcript.ts'
import type { Callbacks } from '../callbacks.ts'
import type { Listeners } from '../listeners.ts'
import type { Plan } from '../options.ts'
import type { Permit } from '../policy/breaker.ts'
import type { Endpoint } from '../request/endpoints.ts'
import type { PreparedRequest } from '../request/prepare.ts'
import type { Scope } from '../scope.ts'
import type { Alarm } from '../time/alarm.ts'
import type { Deadlines } from '../time/deadlines.ts'
import type { Pause } from '../time/pause.ts'

/** What the attempts of one reply share. */
export interface Run {
  readonly plan: Plan
  readonly scope: Scope
  readonly alarm: Alarm
  readonly deadlines: Deadlines
  readonly pause: Pause
  readonly transcript: Transcript
  readonly cursor: ResumeCursor
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
