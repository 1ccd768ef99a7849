/** Vertex sends a call's arguments value by value, each with its path. */
import { isRaw, type Raw, textOf } from './values.ts'

/** A call of which more arguments are to come. */
export interface PartialCall {
  readonly args: Record<string, unknown>
  /** The texts that go on, by their path. */
  readonly texts: Record<string, string>
}

/**
 * Adds one value of a call's arguments; a text may come in several pieces.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/FunctionCall
 */
export function addPiece({ args, texts }: PartialCall, piece: Raw): void {
  const path = textOf(piece.jsonPath)
  const { stringValue, numberValue, boolValue, willContinue } = piece
  let value = numberValue ?? boolValue ?? null
  if (typeof stringValue === 'string') {
    value = (texts[path] ?? '') + stringValue
    if (willContinue === true) texts[path] = value as string
    else delete texts[path]
  }
  set(args, stepsOf(path), value)
}

/** `$.a[0]['b c']` as its steps. */
function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g)].map(
    ([, name, at, single, double]) => name ?? at ?? single ?? double ?? '',
  )
}

function set(into: Record<string, unknown>, [step = '', ...rest]: readonly string[], value: unknown): void {
  // A path may name what every object has.
  const put = (it: unknown): void => {
    Object.defineProperty(into, step, { value: it, writable: true, enumerable: true, configurable: true })
  }
  // A place far behind the end of a list would have it filled up.
  if (Array.isArray(into) && Number(step) > into.length) return
  if (rest.length === 0) {
    put(value)
    return
  }
  const there = Object.hasOwn(into, step) ? into[step] : undefined
  const inner = isRaw(there) || Array.isArray(there) ? there : /^\d+$/.test(rest[0] ?? '') ? [] : {}
  put(inner)
  set(inner as Record<string, unknown>, rest, value)
}
