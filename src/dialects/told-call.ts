import type { Delta } from '../events.ts'
import { GrowingText } from '../growing-text.ts'

/** A call as it has been told. */
export interface ToldCall {
  readonly key: string
  readonly index: number
  readonly id: string
  readonly name: string
  arguments: string
}

/** What a server says about a call; every field is its word. */
export interface CallFacts {
  readonly id?: unknown
  readonly name?: unknown
  readonly args?: unknown
}

/** What need not be told again. */
export const UNNAMED = { id: '', name: '' }

export function deltaOf({ index, id, name, arguments: json }: ToldCall): Delta {
  return { type: 'tool-call', index, id, name, arguments: json }
}

/** The arguments of calls, as they grow. */
export class GrowingArguments {
  readonly #all = new WeakMap<ToldCall, GrowingText>()

  /** All of them, with one more piece. */
  add(call: ToldCall, piece: string): string {
    const text = this.#all.get(call) ?? new GrowingText(call.arguments)
    this.#all.set(call, text)
    return text.add(piece)
  }
}

// Texts are passed over, also one that does not end.
const SPACE = /("(?:[^"\\]|\\.)*(?:"|\\?$))|\s+/g

/** What the whole of a call's arguments has beyond those that were told; a model writes blanks in them, a server does not. */
export function restOfArguments(told: string, whole: string): string {
  const bare = told.replace(SPACE, '$1')
  const begun = [told, bare].find((each) => whole.startsWith(each))
  return begun === undefined ? '' : whole.slice(begun.length)
}
