/** What a valid option is, and how a message shows one that is not. */
import { describe, expect, test } from 'vitest'
import { checkKind, checkNames, checkNumber, checkOneOf, shown, withDefaults } from '../src/checks.ts'

describe('a number', () => {
  test.each([0, 1, 0.5, 2_147_483_647])('may be %d', (value) => {
    expect(checkNumber('stallMs', value)).toBe(value)
  })

  test.each([
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [2_147_483_648, '2147483648'],
    ['5', '"5"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [5n, '5'],
    [{}, 'an object (Object)'],
  ])('may not be %o', (value, received) => {
    const message = `stallMs must be a number from 0 to 2147483647; received ${received}`
    expect(() => checkNumber('stallMs', value)).toThrow(new TypeError(message))
  })
})

describe('a word', () => {
  test('may be one of those allowed', () => {
    expect(checkOneOf('recovery', 'fail', ['auto', 'fail'])).toBe('fail')
  })

  test.each([
    ['Fail', '"Fail"'],
    ['', '""'],
    [5, '5'],
  ])('may not be %o', (value, received) => {
    expect(() => checkOneOf('recovery', value as string, ['auto', 'fail'])).toThrow(
      new TypeError(`recovery must be 'auto', 'fail'; received ${received}`),
    )
  })
})

describe('a kind', () => {
  test.each([
    [undefined, 'function'],
    [() => {}, 'function'],
    [class {}, 'function'],
    [{}, 'object'],
    ['', 'string'],
  ] as const)('%o is a %s or absent', (value, kind) => {
    expect(() => checkKind('x', value, kind)).not.toThrow()
  })

  test.each([
    [null, 'object', 'x must be an object; received null'],
    [5, 'object', 'x must be an object; received 5'],
    ['', 'function', 'x must be a function; received ""'],
    [null, 'function', 'x must be a function; received null'],
    [() => {}, 'string', 'x must be a string; received a function'],
  ] as const)('%o is no %s', (value, kind, message) => {
    expect(() => checkKind('x', value, kind)).toThrow(new TypeError(message))
  })
})

describe('a name', () => {
  test('may be one that is known', () => {
    expect(() => checkNames('', { a: 1 }, ['a', 'b'])).not.toThrow()
  })

  test.each([
    ['', 'c is not an option; known are a, b'],
    ['retry.', 'retry.c is not an option; known are retry.a, retry.b'],
  ])('with prefix "%s" that is not known is refused', (prefix, message) => {
    expect(() => checkNames(prefix, { a: 1, c: 'SECRET' }, ['a', 'b'])).toThrow(new TypeError(message))
  })
})

describe('defaults', () => {
  const defaults: { readonly a: number; readonly b: number } = Object.freeze({ a: 1, b: 2 })

  test.each([
    [undefined, { a: 1, b: 2 }],
    [{}, { a: 1, b: 2 }],
    [{ a: 5 }, { a: 5, b: 2 }],
    [
      { a: undefined, b: 0 },
      { a: 1, b: 0 },
    ],
  ])('fill %o', (given, expected) => {
    expect(withDefaults('box', given, defaults)).toEqual(expected)
  })

  test('stay as they are', () => {
    withDefaults('box', { a: 5 }, defaults)
    expect(defaults).toEqual({ a: 1, b: 2 })
  })

  test.each([
    [null, 'box must be an object; received null'],
    [5, 'box must be an object; received 5'],
    [true, 'box must be an object; received true'],
    [{ c: 1 }, 'box.c is not an option; known are box.a, box.b'],
    [[1], 'box.0 is not an option; known are box.a, box.b'],
  ])('are not filled into %o', (given, message) => {
    expect(() => withDefaults('box', given as object, defaults)).toThrow(new TypeError(message))
  })
})

describe('a value in a message', () => {
  test.each([
    ['text', '"text"'],
    ['"quoted"\n', '"\\"quoted\\"\\n"'],
    ['x'.repeat(41), `"${'x'.repeat(40)}…"`],
    ['x'.repeat(40), `"${'x'.repeat(40)}"`],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 'SECRET', 'a function'],
    [['SECRET'], 'an array'],
    [{ key: 'SECRET' }, 'an object (Object)'],
    [new Map([['key', 'SECRET']]), 'an object (Map)'],
    [Object.create(null), 'an object (no prototype)'],
  ])('%o is shown as %s', (value, expected) => {
    expect(shown(value)).toBe(expected)
  })
})
