/** What a page loads is what `bench/sizes.json` says: no change grows it unseen. */
import { describe, expect, test } from 'vitest'
import { kept, measure } from '../bench/size.mjs'

// zlib differs a little from one Node to the next.
const TOLERANCE = 0.01
// A binding is a difference of two files, and less than what one of them varies by; brotli chooses its contexts anew for each.
const SLACK = { gzip: 15, brotli: 150 }
const sizes = await measure()

describe('what is loaded', () => {
  test('is what is listed', () => {
    expect(Object.keys(kept())).toEqual(Object.keys(sizes))
  })

  test.each(Object.entries(sizes))('of %s is as kept (npm run size -- --write keeps it)', (what, sizes) => {
    for (const by of ['gzip', 'brotli'] as const) {
      const [bytes, before] = [sizes[by], kept()[what]?.[by] ?? 0]
      expect(Math.abs(bytes - before), `${bytes} bytes by ${by}, ${before} kept`).toBeLessThanOrEqual(
        Math.max(before * TOLERANCE, what.endsWith('beyond the client') ? SLACK[by] : 0),
      )
    }
  })

  // What stands before a binding changes what gzip makes of it by some bytes.
  const bindings = Object.entries(sizes).filter(([what]) => what.endsWith('beyond the client'))
  test.each(bindings)('of %s is at most 1 kB, of React’s a little more', (what, { gzip }) => {
    // Who keeps `<Activity>` from being paid for again, and children's effects from asking as the last render would have.
    expect(gzip).toBeLessThanOrEqual(what.startsWith('holdfast/react') ? 1_080 : 1_024)
  })

  test('by holdfast/core with one dialect is at most 30 kB', () => {
    expect(sizes['holdfast/core: stream with openaiChat']?.gzip).toBeLessThanOrEqual(30_060)
  })
})
