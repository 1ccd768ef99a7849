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
  open: (state) => new AnthropicReader(Array.isArray(state) ? state.filter(isRaw) : []),
}

/** A content block that is a call for the caller to make, or that began with content; the provider's own tools are none. */
interface Block {
  readonly index: number
  readonly isCall: boolean
  /** What it began with. It is told when the block ends, unless its deltas say it. */
  readonly held: string
}

class AnthropicReader implements DialectReader {
  readonly #blocks = new Map<number, Block>()
  #about: About | undefined
  #counts: Raw = {}
  #isFinished = false

  constructor(blocks: readonly Raw[]) {
    for (const { index, isCall, held } of blocks)
      this.#keep({ index: indexOf(index), isCall: isCall === true, held: textOf(held) })
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    return this.#blocks.size > 0 ? [...this.#blocks.values()] : undefined
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
      case 'content_block_stop':
        this.#release(indexOf(event.index), deltas)
        break
      case 'message_delta':
        this.#count(event.usage, deltas)
        if (isRaw(event.delta)) this.#finish(wordOf(event.delta.stop_reason), deltas)
        break
      case 'message_stop':
        this.#releaseAll(deltas)
        if (!this.#isFinished) deltas.push({ type: 'finish', reason: 'unknown', raw: undefined })
        return 'end'
      case 'message':
        return this.#readWhole(event, deltas)
      case 'error':
        return errorOf(event)
      default:
        // `ping`, and whatever is added to the protocol: to be passed over, says its documentation.
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
    pushText(deltas, 'reasoning', block.thinking)
    const isCall = block.type === 'tool_use'
    if (isCall)
      deltas.push({ type: 'tool-call', index, id: textOf(block.id), name: textOf(block.name), arguments: '' })
    // A tool that takes nothing has no deltas; some servers send the whole here, and some say it in the deltas again.
    const held = isCall ? JSON.stringify(isRaw(block.input) ? block.input : {}) : textOf(block.text)
    if (held) this.#keep({ index, isCall, held })
  }

  #continueBlock(index: number, delta: unknown, deltas: Delta[]): void {
    if (!isRaw(delta)) return
    const block = this.#blocks.get(index)
    const text = wordOf(delta.text)
    if (text && block?.held === text) this.#keep({ ...block, held: '' })
    if (text) this.#release(index, deltas)
    pushText(deltas, 'text', text)
    pushText(deltas, 'reasoning', delta.thinking)
    const json = wordOf(delta.partial_json)
    if (!json || !block?.isCall) return
    if (block.held) this.#keep({ ...block, held: '' })
    pushArguments(deltas, index, json)
  }

  #keep(block: Block): void {
    this.#blocks.set(block.index, block)
  }

  #release(index: number, deltas: Delta[]): void {
    const block = this.#blocks.get(index)
    if (!block?.held) return
    this.#keep({ ...block, held: '' })
    if (block.isCall) pushArguments(deltas, index, block.held)
    else pushText(deltas, 'text', block.held)
  }

  #releaseAll(deltas: Delta[]): void {
    for (const index of this.#blocks.keys()) this.#release(index, deltas)
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
    this.#releaseAll(deltas)
    deltas.push({ type: 'finish', reason: REASONS.get(raw) ?? 'other', raw })
  }

  #readWhole(message: Raw, deltas: Delta[]): Verdict {
    this.#begin(message, deltas)
    for (const [index, block] of rawsIn(message.content).entries()) this.#startBlock(index, block, deltas)
    this.#releaseAll(deltas)
    this.#finish(wordOf(message.stop_reason), deltas)
    return 'end'
  }
}

function pushArguments(deltas: Delta[], index: number, json: string): void {
  deltas.push({ type: 'tool-call', index, id: '', name: '', arguments: json })
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
])
