/** The table of contents: names only. */

export type { Callbacks, Opened, Queued, Retry, Warning } from './callbacks.ts'
export {
  type Client,
  type ClientBreakerOptions,
  type ClientOptions,
  createClient,
  type SavedBreakers,
} from './client.ts'
export { anthropic } from './dialects/anthropic.ts'
export { auto } from './dialects/auto.ts'
export type {
  ContinuedRequest,
  Dialect,
  DialectFunction,
  DialectReader,
  Verdict,
} from './dialects/dialect.ts'
export { gemini } from './dialects/gemini.ts'
export { ollama } from './dialects/ollama.ts'
export { openaiChat, openaiChoice } from './dialects/openai-chat.ts'
export { openaiResponses } from './dialects/openai-responses.ts'
export { plain, textDialect } from './dialects/plain.ts'
export type { RenderOptions } from './dom/options.ts'
export { render } from './dom/sink.ts'
export type { StatusWords } from './dom/status.ts'
export type { Writer } from './dom/writer.ts'
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
} from './errors/errors.ts'
export type {
  Answer,
  AttemptStats,
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
export type { ResumeFunction, ResumeRequest, StreamOptions } from './options.ts'
export type { BackoffOptions } from './policy/backoff.ts'
export type { BreakerOptions, Health, SavedBreaker, StateChange } from './policy/breaker.ts'
export type { BudgetOptions } from './policy/budget.ts'
export type { Checkpoint, Position } from './policy/resume.ts'
export type { Progress, Recovery, RetryOptions } from './policy/retry.ts'
export { type Reply, stream } from './reply.ts'
export type { EndpointOptions } from './request/endpoints.ts'
export type { HeadersFunction, RequestOptions, SearchParams } from './request/transport.ts'
export type { Stall } from './time/deadlines.ts'
export { interactive, patient, type Timeouts } from './time/timeouts.ts'
