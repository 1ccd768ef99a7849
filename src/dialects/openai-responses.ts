import { ProtocolError } from '../errors/errors.ts'
import { errorOf } from '../errors/provider-error.ts'
import type { Delta, ToolCallDelta } from '../events.ts'
import { continuedAt } from './continued.ts'
import type { About, ContinuedRequest, Dialect, DialectReader, Verdict } from './dialect.ts'
import { readObjects } from './json.ts'
import { Kept } from './kept.ts'
import { brokenOff, finish } from './reasons.ts'
import { isCallItem, ResponseCalls } from './response-calls.ts'
import { isToldIn, type Kind, PIECES, partIn, wholeOf } from './response-kinds.ts'
import { OpenParts } from './told-text.ts'
import { countsIn } from './usage.ts'
import { aboutOf, argumentsOf, indexOf, isRaw, type Raw, rawsIn, textOf, wordOf } from './values.ts'

/**
 * OpenAI responses. An answer is whole with `response.completed` or `response.incomplete`; the events
 * that end a part repeat its deltas, and are read where there were none.
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
    if (!isRaw(state) || state.background !== true) return undefined
    return continuedAt(url, state.id, { starting_after: String(indexOf(state.sequence)) })
  },
}

class ResponsesReader implements DialectReader {
  #about: About | undefined
  #id: string | undefined
  #isBackground: boolean
  #sequence: number
  /** The last number that was read before the stream broke. */
  readonly #seen: number
  /** What has been told, by its kind and place: the events that end a part say it again. */
  readonly #said: Set<string>
  /** How much of the parts that have not ended. */
  readonly #open: OpenParts
  readonly #calls: ResponseCalls
  readonly #kept = new Kept()
  /** A copy, until there is more. */
  #parts: readonly string[] | undefined
  #hasCalls: boolean
  #isRefusal = false
  /** The part of the reasoning that is being told. */
  #thought: string | undefined

  constructor(state: Raw) {
    this.#id = wordOf(state.id)
    this.#isBackground = state.background === true
    this.#seen = this.#id === undefined ? -1 : indexOf(state.sequence)
    this.#sequence = indexOf(state.sequence)
    this.#hasCalls = state.calls === true
    this.#said = new Set(Array.isArray(state.said) ? state.said.map(String) : [])
    this.#open = new OpenParts(state.open)
    this.#calls = new ResponseCalls(state.begun)
    this.#thought = wordOf(state.thought)
    this.#isRefusal = state.refusal === true
  }

  about(): About | undefined {
    return this.#about
  }

  state(): unknown {
    if (this.#id === undefined) return undefined
    this.#parts ??= [...this.#said]
    return {
      id: this.#id,
      background: this.#isBackground,
      sequence: this.#sequence,
      calls: this.#hasCalls,
      said: this.#parts,
      begun: this.#calls.state,
      open: this.#open.state,
      refusal: this.#isRefusal,
      ...(this.#thought && { thought: this.#thought }),
    }
  }

  read({ data }: { readonly data: string }, deltas: Delta[]): Verdict {
    return readObjects(data, this, deltas)
  }

  take(event: Raw, deltas: Delta[]): Verdict {
    const { response, sequence_number: sequence } = event
    if (this.#kept.overflow) return this.#kept.overflow
    if (isRaw(response)) this.#begin(response)
    if (typeof sequence === 'number') {
      // A stream that was asked to go on after a number need not begin with the next.
      if (sequence <= this.#seen) return 'more'
      this.#sequence = sequence
    }
    const type = textOf(event.type)
    const kind = PIECES.get(type.replace(/\.(delta|done)$/, ''))
    if (kind) {
      this.#readPiece(kind, event, deltas, type.endsWith('.delta'))
      return 'more'
    }
    switch (type) {
      case 'response.output_item.added':
      case 'response.output_item.done':
        this.#readItem(event, deltas, type.endsWith('.done'))
        return 'active'
      case 'response.content_part.done':
        this.#readPart(event, deltas)
        return 'active'
      case 'response.completed':
      case 'response.incomplete':
        return isRaw(response) ? this.#finish(response, deltas) : 'malformed'
      case 'response.failed':
        return errorOf(response)
      case 'response.cancelled':
        return brokenOff('cancelled')
      case 'error':
        return errorOf(event)
      default:
        return this.#readOther(type, event, deltas)
    }
  }

  /** A response that was not streamed, or work that is none of the caller's; all else is passed over. */
  #readOther(type: string, event: Raw, deltas: Delta[]): Verdict {
    if (event.object === 'response') {
      this.#begin(event)
      return this.#finish(event, deltas)
    }
    if (!type.startsWith('response.')) return 'foreign'
    return type === 'response.created' || type === 'response.queued' ? 'more' : 'active'
  }

  #begin(response: Raw): void {
    this.#about ??= aboutOf(response)
    this.#id = wordOf(response.id) ?? this.#id
    this.#isBackground ||= response.background === true
  }

  /** A delta, or the whole of what the deltas of its part should have been. */
  #readPiece(kind: Kind, event: Raw, deltas: Delta[], isDelta: boolean): void {
    const { output_index: output, delta, summary_index: summary, content_index: content } = event
    const text = isDelta ? delta : (event.text ?? event.refusal ?? event.arguments ?? event.input)
    const index = kind === 'call' ? this.#calls.of(event) : indexOf(output)
    this.#tell(kind, index, indexOf(summary ?? content), text, deltas, isDelta)
  }

  /** A part as it ends: most have been told, whatever their number. */
  #readPart(event: Raw, deltas: Delta[]): void {
    const { kind, output, at, whole, prefix } = partIn(event)
    if (whole === '' || this.#said.has(wholeOf(prefix, whole))) return
    const place = this.#open.placeIn(prefix, whole)
    this.#tell(kind, output, place ? Number(place.slice(prefix.length)) : at, whole, deltas)
  }

  #tell(kind: Kind, output: number, part: number, text: unknown, deltas: Delta[], isDelta = false): void {
    const place = `${kind} ${output} ${part}`
    const whole = textOf(text)
    if (isDelta) this.#open.add(place, whole)
    const rest = isDelta ? whole : this.#open.end(place, whole)
    if (!isDelta && whole && kind !== 'call') this.#note(wholeOf(`${kind} ${output} `, whole))
    const word = this.#said.has(place) ? rest : whole
    if (!word) return
    if (kind === 'reasoning') this.#separate(place, deltas)
    this.#note(place)
    this.#note(`${kind} ${output}`)
    this.#isRefusal ||= kind === 'refusal'
    if (kind === 'call') this.#push({ index: output, arguments: word }, deltas)
    else deltas.push({ type: kind === 'reasoning' ? kind : 'text', text: word })
  }

  /** The parts of a summary are paragraphs. */
  #separate(place: string, deltas: Delta[]): void {
    if (this.#thought !== undefined && this.#thought !== place)
      deltas.push({ type: 'reasoning', text: '\n\n' })
    this.#thought = place
  }

  /** An item as it begins, or the whole of it. */
  #readItem({ output_index: given, item }: Raw, deltas: Delta[], isWhole: boolean): void {
    const output = indexOf(given)
    if (isCallItem(item)) this.#readCall(this.#calls.take(output, item, isWhole), item, deltas, isWhole)
    else if (isRaw(item) && isWhole) this.#readWhole(output, item, deltas)
  }

  #readWhole(output: number, item: Raw, deltas: Delta[]): void {
    for (const [at, part] of rawsIn(item.summary).entries())
      this.#tell('reasoning', output, at, part.text, deltas)
    const kind = item.type === 'reasoning' ? 'reasoning' : 'text'
    const isSaid = [kind, 'refusal'].some((each) => this.#said.has(`${each} ${output}`))
    for (const [at, part] of rawsIn(item.content).entries()) {
      // Servers count the parts as they like.
      if (isSaid && !this.#open.has(`${kind} ${output} ${at}`)) continue
      this.#tell(kind, output, at, part.text, deltas)
      this.#tell('refusal', output, at, part.refusal, deltas)
    }
  }

  #note(place: string): void {
    if (this.#said.has(place)) return
    this.#kept.add(place.length)
    this.#said.add(place)
    this.#parts = undefined
  }

  /** What nothing has been said of before the end. */
  #readRest(output: readonly Raw[], deltas: Delta[]): void {
    const before = new Set([...this.#said].map((place) => place.split(' ')[0]))
    for (const [at, item] of output.entries()) {
      if (isCallItem(item)) {
        const index = this.#calls.indexOf(item) ?? at
        if (!before.has('begun') || this.#said.has(`begun ${index}`))
          this.#readCall(index, item, deltas, true)
      } else if (this.#open.has(`text ${at} 0`) || !isToldIn(before, item)) this.#readWhole(at, item, deltas)
    }
  }

  #readCall(index: number, item: Raw, deltas: Delta[], isWhole: boolean): void {
    const { call_id: id, name, arguments: json = item.input } = item
    const begun = `begun ${index}`
    if (!this.#said.has(begun))
      this.#push({ index, id: textOf(id), name: textOf(name), arguments: '' }, deltas)
    this.#note(begun)
    const text = argumentsOf(json)
    // What stands there until the arguments come.
    if (isWhole || text !== '{}') this.#tell('call', index, 0, text, deltas)
  }

  #push(call: Pick<ToolCallDelta, 'index' | 'arguments'> & Partial<ToolCallDelta>, deltas: Delta[]): void {
    this.#hasCalls = true
    deltas.push({ id: '', name: '', ...call, type: 'tool-call' })
  }

  #finish(response: Raw, deltas: Delta[]): Verdict {
    const { status, usage, incomplete_details: details, output } = response
    if (status === 'failed') return errorOf(response)
    // Some servers say nothing before the end.
    this.#readRest(rawsIn(output), deltas)
    if (isRaw(usage)) deltas.push({ type: 'usage', usage: countsIn(usage) })
    else if (this.#said.size === 0)
      return new ProtocolError('The response is called completed, and there is nothing in it')
    const raw = (isRaw(details) ? wordOf(details.reason) : undefined) ?? wordOf(status)
    const ending = { isRefusal: this.#isRefusal, hasCalls: this.#hasCalls }
    return finish(raw ?? 'completed', deltas, ending) ?? 'end'
  }
}
