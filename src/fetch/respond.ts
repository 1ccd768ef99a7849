/** A reply as a response: what a relay does, without a log. */
import { bothOf, type Callbacks } from '../callbacks.ts'
import { checkNumber } from '../checks.ts'
import type { StreamFailure } from '../errors/errors.ts'
import { Held } from '../relay/held.ts'
import { PADDING, STREAM_HEADERS } from '../relay/responses.ts'
import { CONTRADICTED, type Reason, reasonOf, STOPPED, verdictFrame } from '../relay/verdict.ts'
import type { Reply, Respond } from '../reply.ts'
import { schedule } from '../time/clock.ts'

const HEARTBEAT_MS = 15_000

/** {@inheritDoc Reply.toResponse} */
export const respond: Respond = (
  reply,
  { callbacks, transcript },
  { heartbeatMs = HEARTBEAT_MS, headers } = {},
) => {
  if (transcript.stats.attempts.some(({ status }) => status !== undefined))
    throw new TypeError('toResponse() comes too late: call it at once')
  checkNumber('heartbeatMs', heartbeatMs)
  const all = new Headers(STREAM_HEADERS)
  new Headers(headers).forEach((value, name) => {
    all.set(name, value)
  })
  const { hooks, body } = new Relaying(reply, heartbeatMs)
  Object.assign(callbacks, hooks, bothOf(callbacks, hooks))
  return new Response(body, { headers: all })
}

/** Hands events on as they come; until there is content nothing, so that another attempt stays free. */
class Relaying {
  readonly body: ReadableStream<Uint8Array>
  readonly #reply: Reply
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #held: Held = new Held({
    pass: (frames) => this.#pass(frames),
    contradict: () => this.#contradict(),
  })
  #isOver = false
  /** An event that shows what language it is. */
  #sample: string | undefined
  #stopBeating: () => void = () => {}

  constructor(reply: Reply, heartbeatMs: number) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    this.body = readable
    this.#reply = reply
    this.#writer = writable.getWriter()
    this.#writer.closed.catch((reason) => {
      this.#close()
      reply.cancel(reason)
    })
    this.#write(PADDING)
    if (heartbeatMs > 0) this.#beat(heartbeatMs)
    reply.answer().then(
      () => this.#end('done'),
      (error: StreamFailure) =>
        error.code === 'aborted' ? this.#end('stopped', STOPPED) : this.#end('error', reasonOf(error)),
    )
  }

  get hooks(): Callbacks {
    return {
      onEvent: (event, role) => {
        this.#held.hear(event, role)
        return this.#held.isCommitted && !this.#isWanting ? this.#writer.ready.catch(() => {}) : undefined
      },
      onDelta: (delta) => this.#held.told(delta),
      onRetry: ({ action }) => this.#held.retried(action),
    }
  }

  /** Whether the reader has taken all there is. */
  get #isWanting(): boolean {
    return (this.#writer.desiredSize ?? 0) > 0
  }

  #pass(frames: readonly string[]): void {
    if (this.#isOver) return
    this.#sample ??= frames[0]
    this.#write(frames.join(''))
  }

  /** What was handed on cannot be taken back. */
  #contradict(): void {
    this.#end('error', CONTRADICTED)
    this.#reply.cancel()
  }

  #end(state: string, reason?: Reason): void {
    if (this.#isOver) return
    const isSaid = this.#held.isCommitted || this.#held.first !== undefined
    const why = reason ?? (isSaid ? undefined : NO_EVENTS)
    const sample = this.#sample ?? this.#held.first
    if (why) this.#held.failed()
    else this.#held.pass()
    if (why) this.#write(verdictFrame(sample, why))
    this.#write(`: holdfast ${why && state === 'done' ? 'error' : state}\n\n`)
    this.#close()
    this.#writer.close().catch(() => {})
  }

  /** A reader that has gone is told of elsewhere. */
  #write(text: string): void {
    if (text) this.#writer.write(new TextEncoder().encode(text)).catch(() => {})
  }

  #beat(ms: number): void {
    this.#stopBeating = schedule(ms, () => {
      // Who has not taken what there is needs no sign of life.
      if (this.#isWanting) this.#write(':\n\n')
      this.#beat(ms)
    })
  }

  #close(): void {
    this.#isOver = true
    this.#stopBeating()
  }
}

const NO_EVENTS: Reason = { code: 'protocol', message: 'The provider did not stream' }
