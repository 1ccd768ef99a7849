import type { Retry } from '../callbacks.ts'
import { ProtocolError, type StreamFailure } from '../errors/errors.ts'
import { isContent } from '../events.ts'
import type { StreamOptions } from '../options.ts'
import type { Progress } from '../policy/retry.ts'
import type { Asked } from './asked.ts'
import { dressed } from './dressed.ts'
import { END, Exchange } from './exchange.ts'
import { Handout } from './handout.ts'
import { tether } from './tether.ts'
import type { Watch } from './watched.ts'
import { isRedirect, isWatched } from './watching.ts'

/** A reply, as far as a call needs it. */
export interface Answering {
  answer(): Promise<unknown>
  cancel(reason?: unknown): void
}

/** How a call is made. */
export interface CallContext {
  readonly asked: Asked
  /** What sends its requests. */
  readonly carry: typeof fetch
  readonly holdMs: number
  /** Whether a redirect is an error, as `fetch` has it. */
  readonly refusesRedirects: boolean
  readonly shouldRetry: ((error: StreamFailure, progress: Progress) => boolean | undefined) | undefined
  /** Asks, with what the call wants to hear. */
  readonly ask: (watch: Watch, hooks: StreamOptions) => Answering
}

// Who ends his answers ends the response, too: a round trip later, if not at once.
const PARTING_MS = 1_000
const SEAM = 'The server went on in the middle of an event that had been handed out'

/**
 * One call of a healing `fetch`, from the request to the end of the body. A reply sends the requests and judges what comes;
 * the caller gets the bytes.
 */
export class Call {
  readonly #context: CallContext
  readonly #watch: Watch = { isPassing: false, hasContent: false, isStrange: false }
  readonly #handout: Handout
  #reply: Answering | undefined
  /** Whether the next response goes on with a stream that broke. */
  #isRest = false
  #exchange: Exchange | undefined
  /** A response that was no success, untouched. */
  #refused: Response | undefined
  /** Of the connection at hand. */
  #controller: AbortController | undefined
  #letGoOfSignal: () => void = () => {}

  constructor(context: CallContext) {
    this.#context = context
    this.#handout = new Handout(context.holdMs, (reason) => this.#left(reason))
  }

  /** Asks. It rejects as `fetch` does: for the caller's reason, or because there is no response. */
  start(): Promise<Response> {
    const { ask, asked } = this.#context
    if (asked.signal) this.#follow(asked.signal)
    if (this.#handout.isOver) return this.#handout.response
    try {
      this.#reply = ask(this.#watch, this.#hooks())
      this.#reply.answer().then(
        () => this.#succeeded(),
        (error: StreamFailure) => this.#failed(error),
      )
    } catch (thrown) {
      this.#end(thrown)
    }
    return this.#handout.response
  }

  #follow(signal: AbortSignal): void {
    const abort = (): void => {
      this.#close(signal.reason)
      this.#handout.fail(signal.reason)
    }
    this.#letGoOfSignal = () => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
  }

  #hooks(): StreamOptions {
    const { asked, shouldRetry } = this.#context
    const handout = this.#handout
    return {
      fetch: (input, init) => this.#carry(input as string, init),
      onEvent: (_event, role) => {
        if (role === 'partly') this.#overrule(new ProtocolError(SEAM))
        this.#exchange?.hear(role)
        if (this.#watch.isStrange) handout.give()
        handout.hold()
        return handout.room()
      },
      onDelta: (delta) => {
        if (!isContent(delta)) return
        this.#exchange?.told()
        handout.give()
      },
      onRetry: (retry) => this.#retried(retry),
      retry: {
        // Nothing is taken back of what was handed out, though it be no content.
        shouldRetry: (error, progress) =>
          (handout.isGiven || asked.isOnce) && !progress.canResume ? false : shouldRetry?.(error, progress),
      },
    }
  }

  /** Sends one request of the reply's and shows it what came. */
  async #carry(url: string, init: RequestInit = {}): Promise<Response> {
    const { asked, carry } = this.#context
    const { method, headers, body, signal, redirect } = init
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    this.#controller = controller
    signal?.addEventListener('abort', abort)
    try {
      const own = { method, headers, body, redirect, signal: controller.signal } as RequestInit
      const response = await carry(url, { ...init, ...asked.rest, ...own })
      return signal?.aborted ? response : this.#received(response, controller)
    } finally {
      // From here on it ends with the call.
      signal?.removeEventListener('abort', abort)
    }
  }

  #received(response: Response, controller: AbortController): Response {
    const { asked, refusesRedirects } = this.#context
    // The reply says what it is, and nobody else sees it.
    if (refusesRedirects && isRedirect(response)) return response
    if (!response.ok) {
      this.#refused = response
      return response.body ? response.clone() : response
    }
    if (isWatched(response, asked) || (this.#isRest && response.body)) {
      const { pass, room } = this.#handout
      const receiver = { pass: pass.bind(this.#handout), room: room.bind(this.#handout) }
      this.#exchange = new Exchange(response, receiver, this.#watch, () => controller.abort())
      this.#handout.begin(response)
      // Whoever only listens wants to know that he does.
      if (asked.method === 'GET') this.#handout.show()
      return this.#exchange.judged
    }
    if (this.#isRest) return response
    this.#watch.isPassing = true
    this.#answer(response)
    return new Response(END, { headers: { 'content-type': 'text/event-stream' } })
  }

  /** The caller gets a response as it is. */
  #answer(response: Response): void {
    this.#letGoOfSignal()
    this.#handout.close()
    tether(this.#context.asked.signal, response, this.#controller)
    this.#handout.answer(() => response)
  }

  #retried({ action, error }: Retry): void {
    if (action === 'resume') this.#exchange?.part()
    // Of a server whose circuit was open nobody asked whether another one may be.
    else if (action !== 'refresh' && this.#handout.isGiven) return void this.#overrule(error)
    else if (action !== 'refresh') this.#beginAnew()
    if (action !== 'refresh') this.#isRest = action === 'resume'
    this.#drop()
  }

  #beginAnew(): void {
    this.#handout.beginAnew()
    Object.assign(this.#watch, { isPassing: false, hasContent: false, isStrange: false })
  }

  /** Gives up what has been asked for. */
  #drop(): void {
    this.#exchange?.drop()
    this.#refused?.body?.cancel().catch(() => {})
    this.#controller?.abort()
    this.#exchange = this.#refused = undefined
  }

  /** The reply has its answer; what still comes is the caller's. */
  #succeeded(): void {
    if (this.#handout.isOver) return
    this.#handout.give()
    this.#passRest(undefined, this.#watch.isPassing ? undefined : PARTING_MS)
  }

  /** The reply has failed; that of a stream that nobody understands was no failure. */
  #failed(error: StreamFailure): void {
    const handout = this.#handout
    if (handout.isOver) return
    if (this.#refused && !handout.isAnswered) return void this.#showRefusal(this.#refused, error)
    const { hasContent, isStrange } = this.#watch
    const kind = this.#exchange?.kind
    if (kind === 'page') handout.forget()
    handout.give()
    if (!kind || kind === 'page' || error.code === 'callback') return void this.#end(error)
    const isTheirs = !hasContent && (isStrange || error.code === 'protocol')
    const mayBeWhole = error.code === 'truncated' && error.mayBeWhole
    if (error.code === 'api') this.#passRest(error, PARTING_MS)
    else if (isTheirs || mayBeWhole) this.#passRest(undefined)
    else this.#passRest(error, 0)
  }

  /**
   * What has come and what still comes goes to the caller, and then the end.
   *
   * @param idleMs - how long to wait for more of it.
   */
  #passRest(error: unknown, idleMs?: number): void {
    const over = this.#exchange?.free(idleMs)
    over?.then(
      () => this.#end(error),
      // After a whole answer the connection may break as it likes.
      (broken) => this.#end(error ?? (idleMs === undefined ? broken : undefined)),
    )
  }

  /** The last word of a server that was asked again and again: whoever asked need not do so, too. */
  #showRefusal(refused: Response, { attempts }: StreamFailure): void {
    this.#answer(attempts > 1 ? dressed(refused.body, refused, { 'x-should-retry': 'false' }) : refused)
  }

  /** The reply would go on, but the caller has what cannot be taken back. */
  #overrule(error: StreamFailure): void {
    this.#handout.end(error)
    this.#close(error)
  }

  #end(error?: unknown): void {
    this.#handout.end(error)
    this.#drop()
    this.#letGoOfSignal()
  }

  /** Nobody reads on. */
  #left(reason: unknown): void {
    this.#handout.close()
    this.#close(reason)
  }

  #close(reason: unknown): void {
    this.#letGoOfSignal()
    this.#reply?.cancel(reason)
    this.#drop()
  }
}
