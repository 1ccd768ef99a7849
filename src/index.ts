/** The table of contents: names only. */

export type { Callbacks, Opened, Retry, Warning } from './callbacks.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export type { Dialect, DialectFunction, DialectReader, Verdict } from './dialects/dialect.ts'
export { openaiChat } from './dialects/openai-chat.ts'
export { plain, textDialect } from './dialects/plain.ts'
export { render } from './dom/sink.ts'
export {
  AbortedError,
  ApiError,
  CallbackError,
  CircuitOpenError,
  type ErrorCode,
  HttpError,
  NetworkError,
  ProtocolError,
  StreamError,
  type StreamFailure,
  TimeoutError,
  type TimeoutPhase,
  TruncatedError,
} from './errors.ts'
export type {
  Answer,
  Delta,
  DeltaSource,
  FinishDelta,
  FinishReason,
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
export type { StreamOptions } from './options.ts'
export type { BackoffOptions } from './policy/backoff.ts'
export type { BreakerOptions, Health } from './policy/breaker.ts'
export type { Progress, Recovery, RetryOptions } from './policy/retry.ts'
export { type Reply, stream } from './reply.ts'
export { interactive, patient, type Stall, type Timeouts } from './time/deadlines.ts'
export type { HeadersFunction, RequestOptions, SearchParams } from './wire/transport.ts'
