/** A dialect that tells how much of a stream it understands. */
import type { Dialect, DialectReader, Verdict } from '../dialects/dialect.ts'
import type { Delta, ServerEvent } from '../events.ts'
import { isContent } from '../events.ts'

/** What is known of the stream at hand. */
export interface Watch {
  /** It is none of ours: it is over for us with the next event, and goes its own way. */
  isPassing: boolean
  /** Whether something of an answer has been in it. */
  hasContent: boolean
  /** Whether an event has been in it that nobody understood. */
  isStrange: boolean
}

/** The same dialect, under watch. */
export function watched(dialect: Dialect, watch: Watch): Dialect {
  const { resume } = dialect
  return {
    name: dialect.name,
    open: (state, headers) => new WatchedReader(dialect.open(state, headers), watch),
    ...(resume && { resume: (url, state) => dialect.resume?.(url, state) }),
  }
}

// Without `isText`: text that is no events is not watched, because nobody can tell whether it is whole.
class WatchedReader implements DialectReader {
  readonly #reader: DialectReader
  readonly #watch: Watch

  constructor(reader: DialectReader, watch: Watch) {
    this.#reader = reader
    this.#watch = watch
  }

  get name(): string | undefined {
    return this.#reader.name
  }

  read(event: ServerEvent, deltas: Delta[]): Verdict {
    const watch = this.#watch
    const before = deltas.length
    if (watch.isPassing) return passed(deltas)
    const verdict = this.#reader.read(event, deltas)
    watch.hasContent ||= deltas.slice(before).some(isContent)
    if (typeof verdict === 'string') watch.isStrange ||= verdict === 'foreign' || verdict === 'malformed'
    // An error of a call is an answer there (MCP, A2A).
    else if (!watch.hasContent && /"jsonrpc"\s*:/.test(event.data)) {
      watch.isPassing = true
      return passed(deltas)
    }
    return verdict
  }

  close(deltas: Delta[]): void {
    this.#reader.close?.(deltas)
  }

  unfinished(): ReturnType<NonNullable<DialectReader['unfinished']>> {
    return this.#reader.unfinished?.()
  }

  state(): unknown {
    return this.#reader.state?.()
  }

  about(): ReturnType<NonNullable<DialectReader['about']>> {
    return this.#reader.about?.()
  }

  advice(first: ServerEvent): string | undefined {
    return this.#reader.advice?.(first)
  }
}

/** What is none of ours is whole for us, though nothing was in it. */
function passed(deltas: Delta[]): 'end' {
  deltas.push({ type: 'finish', reason: 'unknown', raw: 'passed' })
  return 'end'
}
