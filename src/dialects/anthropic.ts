import type { Delta, FinishReason } from '../events.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import {
  aboutOf,
  errorOf,
  indexOf,
  isRaw,
  pushText,
  type Raw,
  rawsIn,
  readObjects,
  textOf,
  usageOf,
  wordOf,
} from './json.ts'

/**
 * Anthropic messages. An answer is whole with `message_stop`, or with a `stop_reason` and the end of the file; an
 * `error` event comes instead of them.
 *
 * @see https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export const anthropic: Dialect = {
  name: 'anthropic',
  chat: (body) => ({ path: '/messages', json: { ...body, stream: true } }),
  // In a page Anthropic answers only with `anthropic-dangerous-direct-browser-access`, which is the caller's to add.
  auth: (apiKey) => ({ 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' }),
  open: (state) => new AnthropicReader(Array.isArray(state) ? state.map(indexOf) : []),
}

class AnthropicReader implements DialectReader {
  /** Which content blocks are calls for the caller to make; the provider runs tools of its own, too. */
  readonly #calls: Set<number>
  #about: About | undefined
  #counts: Raw = {}
  #isFinished = false

  constructor(calls: readonly number[]) {
    this.#calls = new Set(calls)
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    return this.#calls.size > 0 ? [...this.#calls] : undefined
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    // A router adds OpenAI's marker after the end (OpenRouter).
    return data === '[DONE]' ? 'more' : readObjects(data, this, deltas)
  }

  take(event: Raw, deltas: Delta[]): Verdict {
    switch (event.type) {
      case 'message_start':
        this.#begin(event.message, deltas)
        break
      case 'content_block_start':
        this.#startBlock(indexOf(event.index), event.content_block, deltas)
        break
      case 'content_block_delta':
        this.#continueBlock(indexOf(event.index), event.delta, deltas)
        break
      case 'message_delta':
        this.#count(event.usage, deltas)
        if (isRaw(event.delta)) this.#finish(wordOf(event.delta.stop_reason), deltas)
        break
      case 'message_stop':
        if (!this.#isFinished) deltas.push({ type: 'finish', reason: 'unknown', raw: undefined })
        return 'end'
      case 'message':
        return this.#readWhole(event, deltas)
      case 'error':
        return errorOf(event)
      default:
        // `ping`, the end of a block, and whatever is added to the protocol: to be passed over, says its documentation.
        if (event.error) return errorOf(event)
    }
    return 'more'
  }

  #begin(message: unknown, deltas: Delta[]): void {
    if (!isRaw(message)) return
    this.#about = aboutOf(message)
    this.#count(message.usage, deltas)
  }

  #startBlock(index: number, block: unknown, deltas: Delta[]): void {
    if (!isRaw(block)) return
    pushText(deltas, 'text', block.text)
    pushText(deltas, 'reasoning', block.thinking)
    if (block.type !== 'tool_use') return
    this.#calls.add(index)
    // `input` is empty here and comes in pieces, but in a message that was not streamed it is whole.
    const input = isRaw(block.input) && Object.keys(block.input).length > 0 ? block.input : undefined
    const text = input ? JSON.stringify(input) : ''
    deltas.push({ type: 'tool-call', index, id: textOf(block.id), name: textOf(block.name), arguments: text })
  }

  #continueBlock(index: number, delta: unknown, deltas: Delta[]): void {
    if (!isRaw(delta)) return
    pushText(deltas, 'text', delta.text)
    pushText(deltas, 'reasoning', delta.thinking)
    const json = wordOf(delta.partial_json)
    if (json && this.#calls.has(index))
      deltas.push({ type: 'tool-call', index, id: '', name: '', arguments: json })
  }

  // The counts are cumulative, and `message_delta` need not repeat those of the start.
  #count(usage: unknown, deltas: Delta[]): void {
    if (!isRaw(usage)) return
    this.#counts = { ...this.#counts, ...usage }
    const {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cache_read_input_tokens: cachedTokens,
    } = this.#counts
    deltas.push({ type: 'usage', usage: usageOf({ inputTokens, outputTokens, cachedTokens }, this.#counts) })
  }

  #finish(raw: string | undefined, deltas: Delta[]): void {
    if (!raw || this.#isFinished) return
    this.#isFinished = true
    deltas.push({ type: 'finish', reason: REASONS.get(raw) ?? 'other', raw })
  }

  #readWhole(message: Raw, deltas: Delta[]): Verdict {
    this.#begin(message, deltas)
    for (const [index, block] of rawsIn(message.content).entries()) this.#startBlock(index, block, deltas)
    this.#finish(wordOf(message.stop_reason), deltas)
    return 'end'
  }
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
])
