import type { ApiError } from '../errors/errors.ts'
import type { Delta } from '../events.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import { readObjects } from './json.ts'
import { anyCountsIn } from './other-usage.ts'
import { finish, rawReasonOf } from './reasons.ts'
import { aboutOf, isRaw, pushCall, pushText, type Raw, rawsIn } from './values.ts'

/**
 * Ollama's own API, `/api/chat` and `/api/generate`: JSON lines. An answer is whole with `done: true`; a line with
 * an error has no `done`.
 *
 * @see https://docs.ollama.com/api
 */
export const ollama: Dialect = {
  name: 'ollama',
  chat: (body, baseUrl) => ({
    path: /\/api\/?$/.test(baseUrl) ? '/chat' : '/api/chat',
    json: { ...body, stream: true },
  }),
  open: (state) => new OllamaReader(typeof state === 'number' ? state : 0),
}

class OllamaReader implements DialectReader {
  #calls: number
  #about: About | undefined

  constructor(calls: number) {
    this.#calls = calls
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    return this.#calls > 0 ? this.#calls : undefined
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    return readObjects(data, this, deltas)
  }

  take(line: Raw, deltas: Delta[]): Verdict {
    const message = isRaw(line.message) ? line.message : line
    this.#about ??= aboutOf(line)
    pushText(deltas, 'reasoning', message.thinking)
    pushText(deltas, 'text', message.content ?? message.response)
    for (const call of rawsIn(message.tool_calls)) this.#readCall(call, deltas)
    if (line.done === true) return this.#finish(line, deltas) ?? 'end'
    return message === line && line.response === undefined ? 'foreign' : 'more'
  }

  #finish(line: Raw, deltas: Delta[]): ApiError | undefined {
    deltas.push({ type: 'usage', usage: anyCountsIn(line) })
    const raw = rawReasonOf(line.done_reason)
    // A server of before `done_reason` stops when it is done.
    return finish(raw, deltas, { isSilent: true, hasCalls: this.#calls > 0 })
  }

  #readCall({ id, function: named }: Raw, deltas: Delta[]): void {
    const { name, arguments: args = {} } = isRaw(named) ? named : {}
    pushCall(deltas, this.#calls++, { id, name, args })
  }
}
