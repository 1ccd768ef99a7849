/** Where a promise cannot be kept, and whose rule that is: each is asserted to be still so. */
import { expect } from 'vitest'
import type { Result } from './conformance.mjs'

interface Exception {
  readonly where: RegExp
  /** The check's name. */
  readonly check: string
  /** What it finds there. */
  readonly found: RegExp
  /** Why. */
  readonly because: string
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    where: /^webkit/,
    check: 'the end of its block ends a reply',
    found: /^there is no Symbol\.asyncDispose$/,
    because:
      'WebKitGTK 2.50 has neither the symbol nor `await using`; the README promises it where the engine has them',
  },
]

export const exceptionsIn = (where: string): readonly Exception[] =>
  EXCEPTIONS.filter((each) => each.where.test(where))

/** How many are to be kept there, for the name of a test. */
export const promised = (where: string): string => `${COUNT - exceptionsIn(where).length} of ${COUNT}`

const COUNT = 40

/** All promises are kept, but for the exceptions, which are found as they were. */
export function expectConformance(where: string, results: readonly Result[]): void {
  const exceptions = exceptionsIn(where)
  const wrong = results.filter(({ name, ok, found }) => {
    const exception = exceptions.find(({ check }) => check === name)
    return exception ? !exception.found.test(found) : !ok
  })
  expect(wrong, `in ${where}`).toEqual([])
  expect(results).toHaveLength(COUNT)
  const names = results.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(exceptions.map(({ check }) => check)))
}
