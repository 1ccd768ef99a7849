import { functionDialect } from './by-function.ts'
import type { Dialect, DialectFunction } from './dialect.ts'
import { withoutLoss } from './lost-lines.ts'

/**
 * Makes a dialect of a function that says what an event means. Where what it finds is the event's data, or made of it, and
 * a line of that was lost on its way (`data: one⏎two`), the answer is not whole.
 */
export function textDialect(
  name: string,
  meaningOf: DialectFunction,
  options: { readonly endsAtClose?: boolean } = {},
): Dialect {
  return withoutLoss(functionDialect(name, meaningOf, options))
}
