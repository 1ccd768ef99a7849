/** A reply as a response: what a relay does, without a log. */
import { bothOf, type Callbacks } from '../callbacks.ts'
import { checkNumber } from '../checks.ts'
import type { StreamFailure } from '../errors/errors.ts'
import { isContent } from '../events.ts'
import { STREAM_HEADERS } from '../relay/responses.ts'
import { CONTRADICTED, frameOf, type Reason, reasonOf, STOPPED, verdictFrame } from '../relay/verdict.ts'
import type { Reply, Respond } from '../reply.ts'
import { schedule } from '../time/clock.ts'

const HEARTBEAT_MS = 15_000
// Proxies hold the first kilobyte back.
const BEGINNING_CHARS = 2_048

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
  #held: string[] = []
  #holdsContent = false
  #isCommitted = false
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
    this.#write(`:${' '.repeat(BEGINNING_CHARS)}\n\n`)
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
        if (role === 'partly') return this.#contradict()
        if (role === 'error' || role === 'again') return undefined
        this.#held.push(frameOf(event))
        this.#holdsContent ||= role === 'content'
        if (this.#isCommitted && !this.#holdsContent) this.#flushSoon()
        return this.#isCommitted && !this.#isWanting ? this.#writer.ready.catch(() => {}) : undefined
      },
      onDelta: (delta) => {
        if (delta.type === 'rewind') return this.#contradict()
        if (!isContent(delta)) return
        this.#isCommitted = true
        this.#flush()
      },
      onRetry: ({ action }) => {
        this.#held = []
        this.#holdsContent = false
        if (this.#isCommitted && action !== 'resume') this.#contradict()
      },
    }
  }

  /** Whether the reader has taken all there is. */
  get #isWanting(): boolean {
    return (this.#writer.desiredSize ?? 0) > 0
  }

  /** What brings nothing of the answer goes on when its read has been gone through. */
  #flushSoon(): void {
    queueMicrotask(() => {
      if (!this.#holdsContent && !this.#isOver) this.#flush()
    })
  }

  #flush(): void {
    this.#sample ??= this.#held[0]
    this.#write(this.#held.splice(0).join(''))
    this.#holdsContent = false
  }

  /** What was handed on cannot be taken back. */
  #contradict(): void {
    this.#end('error', CONTRADICTED)
    this.#reply.cancel()
  }

  #end(state: string, reason?: Reason): void {
    if (this.#isOver) return
    const isSaid = this.#isCommitted || this.#held.length > 0
    const why = reason ?? (isSaid ? undefined : NO_EVENTS)
    const sample = this.#sample ?? this.#held[0]
    if (!why || (this.#isCommitted && !this.#holdsContent)) this.#flush()
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
