/** Every look at a server's text takes time by its length, whatever it says. */
import { expect, test } from 'vitest'
import { reasonOf } from '../../src/dialects/reasons.ts'
import { isText } from '../../src/dialects/text.ts'
import { isDone, partsOf, valueIn } from '../../src/dialects/values.ts'
import { durationMs } from '../../src/errors/duration.ts'
import { providerError } from '../../src/errors/provider-error.ts'
import { redact, withoutSecrets } from '../../src/errors/redact.ts'
import { understand } from '../../src/wire/body.ts'
import { rateLimitResetMs, retryAfterMs } from '../../src/wire/retry-after.ts'

/** Headers of any length: those of an engine refuse some. */
function headers(...entries: readonly (readonly [string, string])[]): Headers {
  return headersOf(entries)
}

function headersOf(entries: readonly (readonly [string, string])[]): Headers {
  const all = new Map(entries)
  return {
    get: (name: string) => all.get(name) ?? null,
    forEach: (tell: (value: string, name: string) => void) => {
      for (const [name, value] of all) tell(value, name)
    },
  } as Headers
}

const many = (unit: string) => (length: number) => unit.repeat(length / unit.length)

// What each does with a text of some length, made to be its worst.
const LOOKS: readonly (readonly [string, (length: number) => string, (text: string) => unknown])[] = [
  ['a title that begins', many('<title'), (text) => understand(text, [])],
  ['a title without end', (length) => `<title ${many(' ')(length)}`, (text) => understand(text, [])],
  ['text that is blank', many(' \t'), (text) => understand(text, [])],
  [
    'secrets',
    many('secret'),
    (text) =>
      redact(
        text,
        Array.from({ length: 20 }, (_, at) => `${'secret'.repeat(at)}!`),
      ),
  ],
  ['an address', many('a@'), (text) => withoutSecrets(`//${text}?`)],
  ['a hint', many('retry in 1 s '), (text) => providerError({ error: text })],
  ['a hint of digits', (length) => `retry in ${many('1')(length)}`, (text) => providerError({ error: text })],
  ['a duration', many('1m '), durationMs],
  ['a duration of digits', many('1'), durationMs],
  ['a retry-after of digits', many('1'), (text) => retryAfterMs(headers(['retry-after', `${text}x`]), 0)],
  [
    'a retry-after that is blank',
    many(' '),
    (text) => retryAfterMs(headers(['retry-after-ms', `${text}x`]), 0),
  ],
  [
    'a retry-after like a date',
    many('00:00:00 '),
    (text) => retryAfterMs(headers(['retry-after', `mon ${text}`]), 0),
  ],
  ['a name of a limit', many('ratelimit'), (text) => rateLimitResetMs(headers([text, '1']), 0)],
  [
    'a reset',
    many('1s'),
    (text) => rateLimitResetMs(headers(['ratelimit-reset', text], ['ratelimit-remaining', '0']), 0),
  ],
  ['a reason', many('aB-'), reasonOf],
  ['glued objects', many('{} data: '), partsOf],
  ['brackets', many('} '), partsOf],
  ['blanks between objects', (length) => `{}${many(' ')(length)}{x`, partsOf],
  ['numbers that are none', many('"NaN\\'), valueIn],
  ['almost numbers', many('-NaN'), valueIn],
  ['almost an end', many('[DONE'), isDone],
  ['almost a field', many(' '), (text) => isText(`${text}d`, headers(), false, true)],
]

/** The least of several times, in ms. */
function msFor(look: (text: string) => unknown, text: string): number {
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now()
    look(text)
    return performance.now() - began
  })
  return Math.min(...times)
}

test.each(LOOKS)('%s of a megabyte', (_what, made, look) => {
  const [short, long] = [made(2 ** 18), made(2 ** 20)]
  look(short)
  // What takes no time at all has no ratio.
  expect(msFor(look, long) / Math.max(msFor(look, short), 20)).toBeLessThan(10)
})

test('of limits without number the longest wait is told', () => {
  const all = Array.from({ length: 200_000 }, (_, at) => [
    [`x-ratelimit-reset-${at}`, `${at}`] as const,
    [`x-ratelimit-remaining-${at}`, '0'] as const,
  ])
  expect(rateLimitResetMs(headersOf(all.flat()), 0)).toBe(199_999_000)
})
