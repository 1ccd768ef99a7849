import { isRaw, type Raw } from './values.ts'

/** A tool call as far as it has come. */
interface Call {
  /** The server's number for it, if it gave one. */
  readonly given: number | undefined
  readonly index: number
  id: string
  name: string
  arguments: string
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
  /** By the server's number; those without one together. */
  readonly #byNumber = new Map<number | undefined, Call[]>()
  readonly #indexes = new Set<number>()
  #next = 0

  /** @param state - what {@link state} gave before the stream broke. */
  constructor(state: readonly Raw[]) {
    for (const call of state) this.#keep({ ...(call as unknown as Call) })
  }

  get state(): readonly unknown[] | undefined {
    return this.#byNumber.size > 0 ? this.#all.map((call) => ({ ...call })) : undefined
  }

  /** Those that were given no arguments. */
  get empty(): readonly number[] {
    return this.#all.filter((call) => call.arguments === '').map(({ index }) => index)
  }

  get #all(): readonly Call[] {
    return [...this.#byNumber.values()].flat()
  }

  /** The call that a piece belongs to, and what of its arguments is to be added. */
  take(piece: CallPiece): { readonly index: number; readonly arguments: string } {
    const call =
      this.#find(piece) ?? this.#keep({ given: piece.given, index: this.#free(piece.given), ...NO_CALL })
    // What some servers put there until the arguments come.
    const isDummy = piece.name !== '' && piece.arguments === '{}' && call.arguments === ''
    const added = isDummy ? '' : piece.arguments
    if (piece.id) call.id = piece.id
    if (piece.name) call.name = piece.name
    call.arguments += added
    return { index: call.index, arguments: added }
  }

  #find(piece: CallPiece): Call | undefined {
    const { given, id } = piece
    const calls = this.#byNumber.get(given) ?? []
    const same = id === '' ? undefined : calls.findLast((call) => call.id === id)
    const last = calls.at(-1)
    return same ?? (last && begins(piece, last) ? undefined : last)
  }

  #keep(call: Call): Call {
    const calls = this.#byNumber.get(call.given)
    if (calls) calls.push(call)
    else this.#byNumber.set(call.given, [call])
    this.#indexes.add(call.index)
    this.#next = Math.max(this.#next, call.index + 1)
    return call
  }

  #free(given: number | undefined): number {
    return given === undefined || this.#indexes.has(given) ? this.#next : given
  }
}

const NO_CALL = { id: '', name: '', arguments: '' }

/** Whether a piece is another call than the last one of its number: it has a name, and the last one lacks nothing. */
function begins({ id, name, arguments: text }: CallPiece, last: Call): boolean {
  if (name === '' || last.name === '') return false
  const isOther = id !== '' && last.id !== '' && id !== last.id
  if (last.arguments === '') return name !== last.name || (isOther && text === '')
  return (isOther || text !== '') && isWhole(last.arguments)
}

function isWhole(json: string): boolean {
  try {
    return isRaw(JSON.parse(json))
  } catch {
    return false
  }
}
