/** One request to one verdict. */
import { HttpError, NetworkError, ProtocolError, StreamError } from '../errors/errors.ts'
import { engineCause, redact, scrubbed } from '../errors/redact.ts'
import { notSeen } from '../request/redirect.ts'
import { send } from '../request/transport.ts'
import { Scope } from '../scope.ts'
import { type Body, bodyOf, type Instead, readShort, release } from '../wire/body.ts'
import { httpError, refusal } from '../wire/refusal.ts'
import { NOTHING_LEFT } from './address.ts'
import { receive, waitFor } from './receive.ts'
import type { Attempt, Run } from './run.ts'

/**
 * One request, inside one scope, to one verdict: it returns when the answer is whole and throws a
 * {@link StreamError} when it is not. Whatever the end, no timer or listener stays, and no socket but one
 * that the next request can use.
 */
export async function makeAttempt(run: Run, attempt: Attempt): Promise<void> {
  const { alarm, transcript } = run
  const scope = new Scope(run.scope)
  let secrets: readonly string[] = []
  try {
    // The request leaves first; the clocks are set while it is on its way.
    const sent = send(attempt.request, attempt.headers, scope.signal, run.plan.transport)
    begin(run, attempt, scope)
    const exchange = await alarm.waiting(scope.race(sent, ({ response }) => release(response.body)))
    secrets = exchange.secrets
    if (run.cursor) run.cursor.secrets = secrets
    await read(run, attempt, scope, exchange.response, secrets)
  } catch (thrown) {
    // A status is the verdict, whichever clock ended the reading of its body.
    const isAnswered = thrown instanceof HttpError && scope.reason?.code === 'timeout'
    const error = (!isAnswered && scope.reason) || named(thrown, secrets, alarm.isWaiting)
    const isCallers = error.code === 'aborted' || error.code === 'callback'
    if (!isCallers) await waitFor(run, run.scope, run.listeners.tellRest())
    if (isCallers || !transcript.isFinished) throw error
    // The answer is whole; how the connection ended after that is no longer the caller's trouble. The attempt's
    // scope may have ended; an abort of the reply still ends the wait.
    const { message } = error
    await waitFor(run, run.scope, run.callbacks.onWarning?.({ code: 'after-finish', message }))
  } finally {
    alarm.rest()
    scope.close()
  }
}

function begin(run: Run, { mode, number, position, endpoint }: Attempt, scope: Scope): void {
  if (mode === 'anew') run.transcript.beginAnew()
  run.recovering?.begin(run, endpoint.url, mode, position)
  run.deadlines.begin(number, (error) => scope.abort(error))
}

async function read(
  run: Run,
  attempt: Attempt,
  scope: Scope,
  response: Response,
  secrets: readonly string[],
): Promise<void> {
  const { alarm, deadlines, transcript, callbacks } = run
  const { stats } = transcript
  const { status, headers } = response
  stats.headersMs = alarm.arrived() - run.startedAt
  deadlines.opened()
  run.pause.answered()
  const record = stats.attempts.at(-1)
  if (record) record.status = status
  const body = bodyOf(response)
  // Cancelling makes a pending read settle at once, whatever the engine does about the abort.
  const forget = scope.onAbort(() => release(body))
  const hangUp = () => {
    release(body)
    scope.hangUp()
    forget()
  }
  try {
    if (!response.ok) throw await refused(run, attempt, response, body, secrets)
    run.recovering?.opened(run, attempt, response)
    const refuse = (kind: Instead, text: string, advice?: string) =>
      refusal(kind, response, text, secrets, advice)
    if (!(await hasBody(run, attempt, scope, response, body))) throw refuse('empty', '')
    const shown = () => ({ attempt: attempt.number, status, headers: redactHeaders(headers, secrets) })
    await waitFor(run, scope, callbacks.onOpen?.(shown()))
    await receive(run, attempt, scope, { body, headers, refuse })
  } catch (thrown) {
    hangUp()
    throw thrown
  }
  // The answer is whole, and nobody waits for this: a body that ends leaves its socket to the next request.
  void readShort(body, PARTING_MS).then(hangUp)
}

/** A status other than 2xx, with what its body says; the clocks run while that is read. */
async function refused(
  { alarm }: Run,
  { request }: Attempt,
  response: Response,
  body: Body,
  secrets: readonly string[],
): Promise<StreamError> {
  return notSeen(response, request) ?? alarm.waiting(httpError(response, body, request.url, secrets))
}

// A server that ends its answers does so a round trip after the marker.
const PARTING_MS = 250

/**
 * Whether there is something to read, or nothing is left: then what had come tells what it was. Where nothing can be
 * streamed that is known when all has come.
 */
async function hasBody(
  run: Run,
  { mode }: Attempt,
  scope: Scope,
  { status }: Response,
  { whole }: Body,
): Promise<boolean> {
  if (status === NOTHING_LEFT) return mode === 'resume'
  if (status === 205) return false
  if (!whole) return true
  const { alarm, transcript, callbacks } = run
  const text = await alarm.waiting(scope.race(whole))
  alarm.arrived()
  // Once, though there may be further attempts.
  if (text && transcript.stats.firstByteMs === undefined)
    await waitFor(run, scope, callbacks.onWarning?.({ code: 'no-streaming', message: NO_STREAMING }))
  return text !== ''
}

const NO_STREAMING = 'This fetch cannot stream: the text comes when it is whole'

/** What happened, in our words: one of the two places that decide anything about an error. */
function named(thrown: unknown, secrets: readonly string[], isWaiting: boolean): StreamError {
  if (thrown instanceof StreamError) return scrubbed(thrown, secrets)
  // In the bracket it was the network, whatever it was called.
  if (isWaiting) return new NetworkError('body', engineCause(thrown, secrets))
  return new ProtocolError('The stream could not be read', { cause: engineCause(thrown, secrets) })
}

/** A server may send a key back. */
function redactHeaders(headers: Headers, secrets: readonly string[]): Headers {
  const shown = new Headers()
  headers.forEach((value, name) => {
    shown.append(name, redact(value, secrets))
  })
  return shown
}
