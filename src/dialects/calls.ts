import { Braces } from '../braces.ts'
import { GrowingText } from '../growing-text.ts'
import { argumentsOf, type Raw } from './values.ts'

/** A tool call as far as it has come. */
interface Call extends CallPiece {
  readonly index: number
}

/** A piece of a call, as a server sent it. */
export interface CallPiece {
  readonly given: number | undefined
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/**
 * Tells which call a piece belongs to. Some servers number their calls, some give each an id, some number all of them 0,
 * some change the id in the middle, and some send no more than a name.
 */
export class Calls {
  readonly #all: Call[] = []
  /** Whether the arguments of each are whole. */
  readonly #braces: Braces[] = []
  readonly #arguments: GrowingText[] = []
  /** What they are, until one of them changes. */
  #state: readonly unknown[] | undefined
  /** Where they stand, by the server's number (those without one together) and by number and id. */
  readonly #last = new Map<number | undefined, number>()
  readonly #byId = new Map<string, number>()
  readonly #indexes = new Set<number>()
  #next = 0

  /** @param state - what {@link state} gave before the stream broke. */
  constructor(state: readonly Raw[]) {
    for (const call of state as unknown as readonly Call[]) this.#keep(this.#all.length, call, call.arguments)
  }

  get state(): readonly unknown[] | undefined {
    if (this.#all.length > 0) this.#state ??= [...this.#all]
    return this.#state
  }

  /** Those that were given no arguments. */
  get empty(): readonly number[] {
    return this.#all.filter((call) => call.arguments === '').map(({ index }) => index)
  }

  /** The call that a piece belongs to, and what of its arguments is to be added. */
  take(piece: CallPiece): { readonly index: number; readonly arguments: string } {
    const { given } = piece
    const at = this.#find(piece)
    const call = this.#all[at] ?? { given, index: this.#free(given), ...NO_CALL }
    // What some servers put there until the arguments come.
    const isDummy = piece.name !== '' && piece.arguments === '{}' && call.arguments === ''
    const added = isDummy ? '' : call.arguments === '' ? argumentsOf(piece.arguments) : piece.arguments
    const [id, name] = [piece.id || call.id, piece.name || call.name]
    this.#keep(at, { ...call, id, name }, added)
    return { index: call.index, arguments: added }
  }

  #find(piece: CallPiece): number {
    const same = piece.id === '' ? undefined : this.#byId.get(keyOf(piece))
    if (same !== undefined) return same
    const last = this.#last.get(piece.given)
    const call = last === undefined ? undefined : this.#all[last]
    return call && last !== undefined && !begins(piece, call, this.#braces[last]?.isWhole)
      ? last
      : this.#all.length
  }

  #keep(at: number, call: Call, added: string): void {
    this.#state = undefined
    this.#braces[at] ??= new Braces()
    this.#braces[at].add(added)
    this.#arguments[at] ??= new GrowingText()
    this.#all[at] = { ...call, arguments: this.#arguments[at].add(added) }
    this.#last.set(call.given, at)
    if (call.id) this.#byId.set(keyOf(call), at)
    this.#indexes.add(call.index)
    this.#next = Math.max(this.#next, call.index + 1)
  }

  #free(given: number | undefined): number {
    return given === undefined || this.#indexes.has(given) ? this.#next : given
  }
}

function keyOf({ given, id }: CallPiece): string {
  return `${given} ${id}`
}

const NO_CALL = { id: '', name: '', arguments: '' }

/** Whether a piece is another call than the last one of its number: it has a name, and the last one lacks nothing. */
function begins({ id, name, arguments: text }: CallPiece, last: CallPiece, isWhole = false): boolean {
  if (name === '' || last.name === '') return false
  const isOther = id !== '' && last.id !== '' && id !== last.id
  if (last.arguments === '' || isOther)
    return name !== last.name || (isOther && (isWhole || last.arguments === ''))
  return text !== '' && isWhole
}
