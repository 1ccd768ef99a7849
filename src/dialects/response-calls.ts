import { indexOf, isRaw, type Raw, rawsIn, wordOf } from './values.ts'

/** A call as a response has it: `output` is its place as the server counts, `index` as we do. */
interface Call {
  readonly output: number
  readonly index: number
  readonly id: string | undefined
  readonly item: string | undefined
  readonly hasEnded: boolean
}

/** Where the calls of a response stand: some servers give all of them the same place. */
export class ResponseCalls {
  #all: readonly Call[]

  /** @param state - what {@link state} was before the stream broke. */
  constructor(state: unknown) {
    this.#all = rawsIn(state) as unknown as readonly Call[]
  }

  get state(): readonly Call[] {
    return this.#all
  }

  /** The place of a call that has begun, by its own id. */
  indexOf({ call_id: id }: Raw): number | undefined {
    const word = wordOf(id)
    return word === undefined ? undefined : this.#all.find((call) => call.id === word)?.index
  }

  /** The place of an item that begins, or is whole. Of one that has not ended the whole may have another id. */
  take(output: number, item: Raw, isWhole: boolean): number {
    const known = this.indexOf(item)
    const last = this.#all.findLast((call) => call.output === output)
    const id = wordOf(item.call_id)
    const isOther = last?.id !== undefined && id !== undefined && (!isWhole || last.hasEnded)
    const isNew = known === undefined && (!last || isOther)
    const index = known ?? (last && !isOther ? last.index : this.#free(output))
    if (isNew) this.#all = [...this.#all, { output, index, id, item: wordOf(item.id), hasEnded: isWhole }]
    else if (isWhole)
      this.#all = this.#all.map((call) => (call.index === index ? { ...call, hasEnded: true } : call))
    return index
  }

  /** The place that a piece belongs to. */
  of({ output_index: given, item_id: item }: Raw): number {
    const output = indexOf(given)
    const there = this.#all.filter((call) => call.output === output)
    const own = item === undefined ? undefined : there.find((call) => call.item === item)
    return (own ?? there.at(-1))?.index ?? output
  }

  #free(output: number): number {
    const taken = this.#all.map(({ index }) => index)
    return taken.includes(output) ? Math.max(...taken) + 1 : output
  }
}

/** Whether an item is a call for the caller to make; those of the provider's own tools (web search and the like) are none. */
export function isCallItem(item: unknown): item is Raw {
  return isRaw(item) && (item.type === 'function_call' || item.type === 'custom_tool_call')
}
