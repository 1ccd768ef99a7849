/** One set of options over another. */
import { describe, expect, test, vi } from 'vitest'
import { over } from '../../src/checks.ts'
import { TruncatedError } from '../../src/errors/errors.ts'
import { headersOver } from '../../src/request/headers.ts'
import type { RequestOptions } from '../../src/request/prepare.ts'

describe('over', () => {
  class Both {
    readonly a = 1
  }
  const list = [1]

  test.each<[string, unknown, unknown, unknown]>([
    ['goes part by part', { a: 1, b: 1 }, { b: 2, c: 2 }, { a: 1, b: 2, c: 2 }],
    ['leaves what is undefined above', { a: 1 }, { a: undefined }, { a: 1 }],
    [
      'takes null, false, 0 and no text for values',
      { a: 1, b: 1, c: 1, d: 1 },
      { a: null, b: false, c: 0, d: '' },
      { a: null, b: false, c: 0, d: '' },
    ],
    ['goes one level deep', { a: { x: 1 } }, { a: { y: 2 } }, { a: { y: 2 } }],
    ['leaves all where there is nothing above', { a: 1 }, undefined, { a: 1 }],
    ['takes all where there is nothing below', undefined, { a: 1 }, { a: 1 }],
    ['of nothing is nothing', undefined, undefined, undefined],
    ['lets null replace all', { a: 1 }, null, null],
    ['lets false replace all', { a: 1 }, false, false],
    ['lets a text replace all', { a: 1 }, 'x', 'x'],
    ['lets a list replace an object', { a: 1 }, [2], [2]],
    ['lets a list replace a list', list, [2], [2]],
    ['lets an object replace a list', list, { a: 1 }, { a: 1 }],
    ['lets an object replace null', null, { a: 1 }, { a: 1 }],
    ['takes the parts of an instance', { b: 2 }, new Both(), { a: 1, b: 2 }],
  ])('%s', (_sentence, below, above, expected) => {
    expect(over(below, above)).toEqual(expected)
  })

  test('changes neither', () => {
    const [below, above] = [Object.freeze({ a: 1 }), Object.freeze({ a: 2 })]
    expect(over<{ readonly a: number }>(below, above)).toEqual({ a: 2 })
  })

  test('changes no prototype', () => {
    const above = JSON.parse('{"__proto__":{"polluted":1}}')
    const merged = over<object>({ a: 1 }, above)
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    expect('polluted' in merged).toBe(false)
    expect(JSON.stringify(merged)).toBe('{"a":1,"__proto__":{"polluted":1}}')
  })
})

describe('headersOver', () => {
  type Given = RequestOptions['headers']
  const context = { attempt: 3, error: new TruncatedError('cut') }

  async function made(given: Given): Promise<Record<string, string>> {
    return Object.fromEntries(new Headers(typeof given === 'function' ? await given(context) : given))
  }

  const below = { Authorization: 'one', 'x-app': 'sea' }
  const above = { authorization: 'two', 'x-more': '1' }
  const both = { authorization: 'two', 'x-app': 'sea', 'x-more': '1' }

  const FORMS: readonly (readonly [string, (given: Record<string, string>) => Given])[] = [
    ['an object', (given) => given],
    ['a list', (given) => Object.entries(given) as [string, string][]],
    ['Headers', (given) => new Headers(given)],
    ['a function', (given) => () => given],
    ['a function that takes its time', (given) => async () => new Headers(given)],
  ]
  const PAIRS = FORMS.flatMap(([upper, up]) =>
    FORMS.map(([lower, down]) => [upper, lower, up, down] as const),
  )

  test.each(PAIRS)('lays %s over %s, name by name', async (upper, lower, up, down) => {
    const given = headersOver(down(below), up(above))
    expect(await made(given)).toEqual(both)
    expect(typeof given).toBe(/function/.test(upper + lower) ? 'function' : 'object')
  })

  test.each(FORMS)('leaves %s as it is where it is alone', (_form, form) => {
    const given = form(below)
    expect(headersOver(given, undefined)).toBe(given)
    expect(headersOver(undefined, given)).toBe(given)
  })

  test('of nothing is nothing', () => {
    expect(headersOver(undefined, undefined)).toBeUndefined()
  })

  test('asks each function for each attempt, and tells it which', async () => {
    const [lower, upper] = [vi.fn(() => below), vi.fn(() => above)]
    const given = headersOver(lower, upper)
    expect(lower).not.toHaveBeenCalled()
    await made(given)
    await made(given)
    for (const asked of [lower, upper]) expect(asked.mock.calls).toEqual([[context], [context]])
  })

  test('changes neither', async () => {
    const [lower, upper] = [new Headers(below), new Headers(above)]
    await made(headersOver(lower, upper))
    expect([lower.get('authorization'), upper.get('x-app')]).toEqual(['one', null])
  })

  test('keeps values that came in several lines', async () => {
    const several: [string, string][] = [
      ['accept-language', 'de'],
      ['accept-language', 'en'],
    ]
    expect(await made(headersOver(several, { a: '1' }))).toEqual({ 'accept-language': 'de, en', a: '1' })
    expect(await made(headersOver({ 'accept-language': 'fr' }, several))).toEqual({
      'accept-language': 'de, en',
    })
  })

  test('refuses what HTTP does not allow, without showing it', async () => {
    const bad = { authorization: 'sk-SECRET €' }
    const refusal = /^headers or apiKey hold what HTTP does not allow(?!.*SECRET)/
    expect(() => headersOver(bad, { a: '1' })).toThrow(refusal)
    expect(() => headersOver({ a: '1' }, bad)).toThrow(refusal)
    await expect(made(headersOver(() => bad, above))).rejects.toThrow(refusal)
  })

  test('ends with what a function throws', async () => {
    const thrown = new Error('no token')
    const failing = () => Promise.reject(thrown)
    await expect(made(headersOver(failing, above))).rejects.toBe(thrown)
    await expect(made(headersOver(below, failing))).rejects.toBe(thrown)
  })
})
