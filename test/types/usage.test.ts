/** What the types of the package take, and what they refuse. */
import { describe, expect, test } from 'vitest'
import { accepted } from './accepted.ts'
import { complaintsOf } from './compile.ts'
import { refused } from './refused.ts'

const complaints = complaintsOf([...accepted, ...refused].map(([, code]) => ({ code })))

describe('the types take', () => {
  test.each(accepted.map(([name], at) => [name, complaints[at]]))('%s', (_name, said) => {
    expect(said).toEqual([])
  })
})

describe('the types refuse', () => {
  const cases = refused.map(([name, , complaint], at) => [name, complaint, complaints[accepted.length + at]])
  test.each(cases)('%s: %s', (_name, complaint, said) => {
    expect(said).toEqual([expect.stringContaining(String(complaint))])
  })
})
