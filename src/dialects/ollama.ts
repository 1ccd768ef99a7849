import type { Delta } from '../events.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import {
  aboutOf,
  errorIn,
  isRaw,
  pushCall,
  pushText,
  type Raw,
  rawsIn,
  readObjects,
  usageOf,
  wordOf,
} from './json.ts'

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
    const error = line.error ? errorIn(line) : undefined
    if (error) return error
    this.#about ??= aboutOf(line)
    const message = isRaw(line.message) ? line.message : line
    pushText(deltas, 'reasoning', message.thinking)
    pushText(deltas, 'text', message.content ?? message.response)
    for (const call of rawsIn(message.tool_calls)) this.#readCall(call, deltas)
    if (line.done !== true) return 'more'
    const { prompt_eval_count: inputTokens, eval_count: outputTokens } = line
    deltas.push({ type: 'usage', usage: usageOf({ inputTokens, outputTokens }, line) })
    const raw = wordOf(line.done_reason)
    deltas.push({ type: 'finish', reason: this.#reason(raw), raw })
    return 'end'
  }

  #reason(raw: string | undefined) {
    if (raw === 'length') return 'length'
    if (raw !== undefined && raw !== 'stop') return 'other'
    return this.#calls > 0 ? 'tool-calls' : 'stop'
  }

  #readCall({ id, function: named }: Raw, deltas: Delta[]): void {
    const { name, arguments: args } = isRaw(named) ? named : {}
    pushCall(deltas, this.#calls++, { id, name, args })
  }
}
