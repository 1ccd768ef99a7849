/** Vertex sends a call's arguments value by value, each with its path. */
import { isRaw, type Raw, textOf } from './values.ts'

/** A call of which more arguments are to come. */
export interface PartialCall {
  readonly args: Raw
  /** The texts that go on, by their path. */
  readonly texts: Readonly<Record<string, string>>
}

/** A value, or a piece of a text. */
export interface PartialArg {
  readonly path: string
  readonly value: unknown
  readonly goesOn: boolean
}

/**
 * A value in either spelling.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/FunctionCall
 */
export function partialArgOf(piece: Raw): PartialArg {
  const { stringValue: text = piece.string_value, numberValue: number = piece.number_value } = piece
  return {
    path: textOf(piece.jsonPath ?? piece.json_path),
    value: text ?? number ?? piece.boolValue ?? piece.bool_value ?? null,
    goesOn: (piece.willContinue ?? piece.will_continue) === true,
  }
}

/**
 * A call with one value more of its arguments; a text may come in several pieces. The one before stays as it is: it may
 * be what a stream is gone on from.
 */
export function withPiece({ args, texts }: PartialCall, { path, value, goesOn }: PartialArg): PartialCall {
  const steps = stepsOf(path)
  if (steps.length > DEEPEST) return { args, texts }
  if (typeof value !== 'string') return { args: withValue(args, steps, value) as Raw, texts }
  const { [path]: before = '', ...rest } = texts
  const text = before + value
  return { args: withValue(args, steps, text) as Raw, texts: goesOn ? { ...rest, [path]: text } : rest }
}

const DEEPEST = 64

/** `$.a[0]['b c']` as its steps. */
function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g)].map(
    ([, name, at, single, double]) => name ?? at ?? single ?? double ?? '',
  )
}

/** A copy of an object or a list with a value at a path. */
function withValue(given: unknown, [step = '', ...rest]: readonly string[], value: unknown): unknown {
  const into = isRaw(given) || Array.isArray(given) ? given : /^\d+$/.test(step) ? [] : {}
  // A place far behind the end of a list would have it filled up.
  if (Array.isArray(into) && Number(step) > into.length) return into
  const copy = Array.isArray(into) ? [...into] : { ...into }
  const there = Object.hasOwn(into, step) ? (into as Raw)[step] : undefined
  // A path may name what every object has.
  return Object.defineProperty(copy, step, {
    value: rest.length > 0 ? withValue(there, rest, value) : value,
    ...{ writable: true, enumerable: true, configurable: true },
  })
}
