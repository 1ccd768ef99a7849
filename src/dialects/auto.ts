import type { Delta, ServerEvent } from '../events.ts'
import { anthropic } from './anthropic.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import { gemini } from './gemini.ts'
import { gluedObjects, isRaw, objectIn, type Raw } from './json.ts'
import { ollama } from './ollama.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import { plain } from './plain.ts'

/** Finds out by the first event that tells it which of the dialects is spoken. */
export const auto: Dialect = {
  name: 'auto',
  open(state) {
    const reader = new AutoReader()
    const known = isRaw(state) ? SPOKEN.find(({ name }) => name === state.name) : undefined
    if (known && isRaw(state)) reader.speak(known, state.state)
    return reader
  },
  chat: (body, baseUrl) => spokenAt(baseUrl).chat?.(body, baseUrl) ?? { path: '', json: body },
  auth: (apiKey, baseUrl) => spokenAt(baseUrl).auth?.(apiKey, baseUrl),
  resume(url, state) {
    if (!isRaw(state)) return undefined
    return SPOKEN.find(({ name }) => name === state.name)?.resume?.(url, state.state)
  },
}

/** Before there is an event, only the address tells. */
function spokenAt(baseUrl: string): Dialect {
  const [, found] = ADDRESSES.find(([pattern]) => pattern.test(baseUrl)) ?? []
  return found ?? openaiChat
}

const ADDRESSES: readonly (readonly [RegExp, Dialect])[] = [
  [/anthropic/i, anthropic],
  // Google serves OpenAI's format, too, under a path that says so.
  [/generativelanguage(?!.*\/openai)/i, gemini],
  [/:11434(?!.*\/v1)/, ollama],
]

const SPOKEN: readonly Dialect[] = [openaiChat, openaiResponses, anthropic, gemini, ollama, plain]

class AutoReader implements DialectReader {
  #dialect: Dialect | undefined
  #reader: DialectReader | undefined

  get name(): string | undefined {
    return this.#dialect?.name
  }

  /** From here on every event goes to one dialect. */
  speak(dialect: Dialect, state?: unknown): DialectReader {
    this.#dialect = dialect
    this.#reader = dialect.open(state)
    return this.#reader
  }

  read(event: ServerEvent, deltas: Delta[]): Verdict {
    // Text is believed only until something better comes: a server may say "connected" first.
    const isSure = this.#dialect && !(this.#dialect === plain && event.data.startsWith('{'))
    if (this.#reader && isSure) return this.#reader.read(event, deltas)
    const dialect = spoken(event) ?? this.#dialect
    // Nobody's language: an event more, and it may be clear.
    if (!dialect) return event.data.trim() === '' ? 'more' : 'malformed'
    const reader = this.#reader && dialect === this.#dialect ? this.#reader : this.speak(dialect)
    return reader.read(event, deltas)
  }

  close(deltas: Delta[]): void {
    this.#reader?.close?.(deltas)
  }

  state(): unknown {
    const state = this.#reader?.state?.()
    return state === undefined ? undefined : { name: this.name, state }
  }

  about(): About | undefined {
    return this.#reader?.about?.()
  }
}

function spoken({ data }: ServerEvent): Dialect | undefined {
  if (data === '[DONE]') return openaiChat
  const object = objectIn(data) ?? gluedObjects(data)[0]
  if (object) return dialectOf(object)
  // Text that is no JSON, and was not meant to be. Nothing at all says nothing.
  return /^\s*([{[<]|$)/.test(data) ? undefined : plain
}

function dialectOf(object: Raw): Dialect | undefined {
  const { type, object: kind } = object
  if (typeof type === 'string') {
    if (type.startsWith('response.')) return openaiResponses
    if (/^(message|content_block|ping$)/.test(type)) return anthropic
  }
  if (kind === 'response') return openaiResponses
  if ('candidates' in object || 'promptFeedback' in object || 'usageMetadata' in object) return gemini
  if (typeof object.done === 'boolean') return ollama
  if ('choices' in object || (typeof kind === 'string' && kind.startsWith('chat.completion')))
    return openaiChat
  // An error alone looks alike everywhere, but for the one kind that has a sequence number.
  if ('sequence_number' in object) return openaiResponses
  return 'error' in object || kind === 'error' ? openaiChat : undefined
}
