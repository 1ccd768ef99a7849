import { type ApiError, type StreamError, TruncatedError } from '../errors/errors.ts'
import { errorOf } from '../errors/provider-error.ts'
import type { Delta } from '../events.ts'
import type { About, Dialect, DialectReader, Verdict } from './dialect.ts'
import { readObjects } from './json.ts'
import { Kept } from './kept.ts'
import { finish, rawReasonOf } from './reasons.ts'
import { countsIn } from './usage.ts'
import { aboutOf, indexOf, isRaw, pushText, type Raw, rawsIn, textOf, wordOf } from './values.ts'

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

const COUNTS_CHARS = 4_096

class AnthropicReader implements DialectReader {
  readonly #blocks = new Map<number, Block>()
  #about: About | undefined
  #counts: Raw = {}
  readonly #kept = new Kept()
  #hasBegun = false
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
    return readObjects(data, this, deltas)
  }

  take(event: Raw, deltas: Delta[]): Verdict {
    const index = indexOf(event.index)
    switch (event.type) {
      case 'message_start':
        return this.#begin(event.message, deltas)
      // Also of the provider's own tools: whatever happens in a block, the model or a tool is at work.
      case 'content_block_start':
        return this.#startBlock(index, event.content_block, deltas) ?? 'active'
      case 'content_block_delta':
        this.#continueBlock(index, event.delta, deltas)
        return 'active'
      case 'content_block_stop':
        this.#release(index, deltas)
        return 'active'
      case 'message_delta':
        this.#count(event.usage, deltas)
        return (isRaw(event.delta) && this.#finish(rawReasonOf(event.delta.stop_reason), deltas)) || 'more'
      case 'message_stop':
        this.#releaseAll(deltas)
        if (!this.#isFinished) finish(undefined, deltas)
        return 'end'
      case 'message':
        return Array.isArray(event.content) ? this.#readWhole(event, deltas) : 'foreign'
      case 'error':
        return errorOf(event)
      default:
        // Whatever is added to the protocol is to be passed over, says its documentation.
        return 'foreign'
    }
  }

  #begin(message: unknown, deltas: Delta[]): Verdict {
    if (!isRaw(message)) return 'more'
    const about = aboutOf(message)
    // Proxies that repeat the start repeat its id, or have given nothing yet.
    if (this.#hasBegun && about.id !== this.#about?.id)
      return new TruncatedError('The stream began another message before the first one had ended')
    this.#about = about
    this.#count(message.usage, deltas)
    let wrong: StreamError | undefined
    for (const [index, block] of rawsIn(message.content).entries())
      wrong = this.#startBlock(index, block, deltas)
    return wrong ?? 'more'
  }

  #startBlock(index: number, block: unknown, deltas: Delta[]): StreamError | undefined {
    if (!isRaw(block)) return undefined
    this.#hasBegun = true
    // Another model goes on.
    if (block.type === 'fallback' && isRaw(block.to))
      this.#about = { id: this.#about?.id, model: wordOf(block.to.model) }
    pushText(deltas, 'reasoning', block.thinking)
    const isCall = block.type === 'tool_use'
    if (isCall)
      deltas.push({ type: 'tool-call', index, id: textOf(block.id), name: textOf(block.name), arguments: '' })
    // A tool that takes nothing has no deltas; some servers send the whole here, and some say it in the deltas again.
    const held = isCall ? JSON.stringify(isRaw(block.input) ? block.input : {}) : textOf(block.text)
    if (!held) return undefined
    this.#kept.add(held.length)
    this.#keep({ index, isCall, held })
    return this.#kept.overflow
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
    if (block.held === '') this.#kept.release(this.#blocks.get(block.index)?.held.length ?? 0)
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
    const all = { ...this.#counts, ...usage }
    // A server may add to it without end: what is long is not kept for the next one.
    this.#counts = JSON.stringify(all).length < COUNTS_CHARS ? all : {}
    deltas.push({ type: 'usage', usage: countsIn(all) })
  }

  #finish(raw: string | undefined, deltas: Delta[]): ApiError | undefined {
    if (!raw || this.#isFinished) return undefined
    this.#isFinished = true
    this.#releaseAll(deltas)
    return finish(raw, deltas)
  }

  #readWhole(message: Raw, deltas: Delta[]): Verdict {
    this.#begin(message, deltas)
    this.#releaseAll(deltas)
    return this.#finish(rawReasonOf(message.stop_reason), deltas) ?? 'end'
  }
}

function pushArguments(deltas: Delta[], index: number, json: string): void {
  deltas.push({ type: 'tool-call', index, id: '', name: '', arguments: json })
}
