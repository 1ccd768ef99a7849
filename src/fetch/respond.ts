/** A reply as a response: what a relay does, without a log. */
import type { Callbacks } from '../callbacks.ts'
import { checkNumber } from '../checks.ts'
import type { StreamFailure } from '../errors/errors.ts'
import { isContent } from '../events.ts'
import { STREAM_HEADERS } from '../relay/responses.ts'
import { CONTRADICTED, frameOf, type Reason, reasonOf, STOPPED, verdictFrame } from '../relay/verdict.ts'
import type { Reply, Respond } from '../reply.ts'
import { schedule } from '../time/clock.ts'
import { Outlet } from './outlet.ts'

const HEARTBEAT_MS = 15_000
// Proxies hold the first kilobyte back.
const BEGINNING = `:${' '.repeat(2048)}\n\n`
const encoder = new TextEncoder()

/** {@inheritDoc Reply.toResponse} */
export const respond: Respond = (reply, join, { heartbeatMs = HEARTBEAT_MS, headers } = {}) => {
  checkNumber('heartbeatMs', heartbeatMs)
  const all = new Headers(STREAM_HEADERS)
  new Headers(headers).forEach((value, name) => {
    all.set(name, value)
  })
  const relaying = new Relaying(reply, heartbeatMs)
  join(relaying.hooks)
  return new Response(relaying.body, { headers: all })
}

/** Hands events on as they come; until there is content nothing, so that another attempt stays free. */
class Relaying {
  readonly #reply: Reply
  readonly #outlet: Outlet
  #held: string[] = []
  #holdsContent = false
  #isCommitted = false
  #isOver = false
  /** An event that shows what language it is. */
  #sample: string | undefined
  #stopBeating: () => void = () => {}

  constructor(reply: Reply, heartbeatMs: number) {
    this.#reply = reply
    this.#outlet = new Outlet((reason) => {
      this.#close()
      reply.cancel(reason)
    })
    this.#write(BEGINNING)
    if (heartbeatMs > 0) this.#beat(heartbeatMs)
    reply.answer().then(
      () => this.#end('done'),
      (error: StreamFailure) =>
        error.code === 'aborted' ? this.#end('stopped', STOPPED) : this.#end('error', reasonOf(error)),
    )
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#outlet.stream
  }

  get hooks(): Callbacks {
    return {
      onEvent: (event, role) => {
        if (role === 'partly') return this.#contradict()
        if (role === 'error' || role === 'again') return undefined
        this.#held.push(frameOf(event))
        this.#holdsContent ||= role === 'content'
        if (this.#isCommitted && !this.#holdsContent) this.#flushSoon()
        return this.#outlet.room()
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
    this.#outlet.end()
  }

  #write(text: string): void {
    this.#outlet.push(encoder.encode(text))
  }

  #beat(ms: number): void {
    this.#stopBeating = schedule(ms, () => {
      // Who has not taken what there is needs no sign of life.
      if (this.#outlet.isWanting) this.#write(':\n\n')
      this.#beat(ms)
    })
  }

  #close(): void {
    this.#isOver = true
    this.#stopBeating()
  }
}

const NO_EVENTS: Reason = { code: 'protocol', message: 'The provider did not stream' }
