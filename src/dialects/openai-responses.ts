import type { Delta, FinishReason } from '../events.ts'
import type { About, ContinuedRequest, Dialect, DialectReader, Verdict } from './dialect.ts'
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
 * OpenAI responses. An answer is whole with `response.completed` or `response.incomplete`; the text is repeated in
 * the events that end its parts, and read from its deltas only.
 *
 * A response that was asked for with `background: true` is gone on with by its id and the last sequence number.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: Dialect = {
  name: 'openai-responses',
  open: (state) => new ResponsesReader(isRaw(state) ? state : {}),
  chat: (body) => ({ path: '/responses', json: { ...body, stream: true } }),
  resume(url, state): ContinuedRequest | undefined {
    if (!isRaw(state) || state.background !== true || !wordOf(state.id)) return undefined
    // The URL may be relative (a ky prefix), and its query may name the API's version (Azure).
    const [path = '', query = ''] = url.split('?')
    const search = new URLSearchParams(query)
    search.set('stream', 'true')
    search.set('starting_after', String(indexOf(state.sequence)))
    return {
      url: `${path.replace(/\/$/, '')}/${encodeURIComponent(textOf(state.id))}?${search}`,
      method: 'GET',
    }
  },
}

class ResponsesReader implements DialectReader {
  #about: About | undefined
  #id: string | undefined
  #isBackground: boolean
  #sequence: number
  /** The last number that was read before the stream broke. */
  readonly #seen: number
  #hasCalls: boolean
  #isRefusal = false

  constructor(state: Raw) {
    this.#id = wordOf(state.id)
    this.#isBackground = state.background === true
    this.#seen = this.#id === undefined ? -1 : indexOf(state.sequence)
    this.#sequence = indexOf(state.sequence)
    this.#hasCalls = state.calls === true
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    if (this.#id === undefined) return undefined
    return { id: this.#id, background: this.#isBackground, sequence: this.#sequence, calls: this.#hasCalls }
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    return data === '[DONE]' ? 'more' : readObjects(data, this, deltas)
  }

  take(event: Raw, deltas: Delta[]): Verdict {
    const { response, sequence_number: sequence } = event
    if (isRaw(response)) this.#begin(response)
    if (typeof sequence === 'number') {
      // A stream that was asked to go on after a number need not begin with the next.
      if (sequence <= this.#seen) return 'more'
      this.#sequence = sequence
    }
    switch (event.type) {
      case 'response.output_text.delta':
        pushText(deltas, 'text', event.delta)
        return 'more'
      case 'response.refusal.delta':
        this.#isRefusal = true
        pushText(deltas, 'text', event.delta)
        return 'more'
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        pushText(deltas, 'reasoning', event.delta)
        return 'more'
      case 'response.output_item.added':
        if (isRaw(event.item)) this.#readCall(indexOf(event.output_index), event.item, deltas)
        return 'more'
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        this.#push({ index: indexOf(event.output_index), arguments: textOf(event.delta) }, deltas)
        return 'more'
      case 'response.completed':
      case 'response.incomplete':
        return isRaw(response) ? this.#finish(response, deltas) : 'malformed'
      case 'response.failed':
        return errorOf(response)
      case 'error':
        return errorOf(event)
      default:
        return this.#readOther(event, deltas)
    }
  }

  /** A response that was not streamed, or an error without a type; all else is passed over. */
  #readOther(event: Raw, deltas: Delta[]): Verdict {
    if (event.error) return errorOf(event)
    if (event.object !== 'response') return 'more'
    this.#begin(event)
    for (const [index, item] of rawsIn(event.output).entries()) this.#readItem(index, item, deltas)
    return this.#finish(event, deltas)
  }

  #begin(response: Raw): void {
    this.#about ??= aboutOf(response)
    this.#id = wordOf(response.id) ?? this.#id
    this.#isBackground ||= response.background === true
  }

  #readItem(index: number, item: Raw, deltas: Delta[]): void {
    for (const part of rawsIn(item.summary)) pushText(deltas, 'reasoning', part.text)
    for (const part of rawsIn(item.content)) {
      if (wordOf(part.refusal)) this.#isRefusal = true
      pushText(deltas, item.type === 'reasoning' ? 'reasoning' : 'text', part.text ?? part.refusal)
    }
    this.#readCall(index, item, deltas)
  }

  // Calls of the provider's own tools (web search and the like) are not for the caller to make.
  #readCall(index: number, item: Raw, deltas: Delta[]): void {
    if (item.type !== 'function_call' && item.type !== 'custom_tool_call') return
    const { call_id: id, name, arguments: json = item.input } = item
    this.#push({ index, id: textOf(id), name: textOf(name), arguments: textOf(json) }, deltas)
  }

  #push(
    call: {
      readonly index: number
      readonly id?: string
      readonly name?: string
      readonly arguments: string
    },
    deltas: Delta[],
  ): void {
    this.#hasCalls = true
    deltas.push({ type: 'tool-call', id: '', name: '', ...call })
  }

  #finish(response: Raw, deltas: Delta[]): Verdict {
    const { status, usage, incomplete_details: details } = response
    if (status === 'failed') return errorOf(response)
    if (isRaw(usage)) deltas.push({ type: 'usage', usage: countsIn(usage) })
    const raw = (isRaw(details) ? wordOf(details.reason) : undefined) ?? wordOf(status)
    deltas.push({ type: 'finish', reason: this.#reason(raw), raw })
    return 'end'
  }

  #reason(raw: string | undefined): FinishReason {
    if (raw === 'max_output_tokens') return 'length'
    if (raw === 'content_filter' || this.#isRefusal) return 'content-filter'
    if (raw !== 'completed') return 'other'
    return this.#hasCalls ? 'tool-calls' : 'stop'
  }
}

function countsIn(usage: Raw) {
  const { input_tokens_details: input, output_tokens_details: output } = usage
  return usageOf(
    {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      totalTokens: usage.total_tokens,
      reasoningTokens: isRaw(output) ? output.reasoning_tokens : undefined,
      cachedTokens: isRaw(input) ? input.cached_tokens : undefined,
    },
    usage,
  )
}
