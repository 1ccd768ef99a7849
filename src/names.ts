/** What both entries have: errors, presets, types. Names only. */

export type { AddressCheckpoint, Checkpoint, TextCheckpoint } from './answer/checkpoint.ts'
export type { Position, SeenEvent } from './answer/cursor.ts'
export type { Callbacks, Opened, Queued, Retry, Warning } from './callbacks.ts'
export type {
  ContinuedRequest,
  Dialect,
  DialectFunction,
  DialectReader,
  Verdict,
} from './dialects/dialect.ts'
export {
  AbortedError,
  ApiError,
  CallbackError,
  CircuitOpenError,
  type ErrorCode,
  HttpError,
  isStreamError,
  NetworkError,
  ProtocolError,
  StreamError,
  type StreamFailure,
  TimeoutError,
  type TimeoutPhase,
  TruncatedError,
} from './errors/errors.ts'
export type {
  Answer,
  AttemptStats,
  Delta,
  DeltaSource,
  EventRole,
  FinishDelta,
  FinishReason,
  Place,
  ReasoningDelta,
  RewindDelta,
  ServerEvent,
  Stats,
  TextDelta,
  ToolCall,
  ToolCallDelta,
  Usage,
  UsageDelta,
} from './events.ts'
export type { ResumeFunction, ResumeRequest, StreamOptions } from './options.ts'
export type { BackoffOptions } from './policy/backoff.ts'
export type { BreakerOptions, Health, SavedBreaker, StateChange } from './policy/breaker.ts'
export type { ClientBreakerOptions, SavedBreakers } from './policy/breakers.ts'
export type { BudgetOptions } from './policy/budget.ts'
export type { Progress, Recovery, RetryOptions } from './policy/retry.ts'
export type { Reply, ResponseOptions } from './reply.ts'
export type { EndpointOptions } from './request/endpoints.ts'
export type { HeadersFunction } from './request/headers.ts'
export type { HttpFunction, HttpOptions, RequestOptions } from './request/prepare.ts'
export type { SearchParams } from './request/url.ts'
export type { Stall } from './time/deadlines.ts'
export { interactive, patient, type Timeouts } from './time/timeouts.ts'
