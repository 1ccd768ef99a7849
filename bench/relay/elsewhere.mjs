// @ts-check
/** How late a word is for who reads where it was not asked. */
import { quantile, readAnswer, start } from './scene.mjs'

const [ANSWERS, WORDS, EVERY_MS] = [50, 100, 75]

/** @param {string} redisUrl */
export async function readElsewhere(redisUrl) {
  const model = await start('model.mjs', WORDS, EVERY_MS)
  const [a, b] = await Promise.all([0, 1].map(() => start('relayed.mjs', model.url, redisUrl)))
  if (!a || !b) throw new Error('There are two')
  const asked = Array.from({ length: ANSWERS }, () => readAnswer(a.url))
  const read = asked.map(async ({ address }) => {
    const { pathname } = new URL(await address, a.url)
    return readAnswer(new URL(pathname, b.url).href, 'GET').late
  })
  const times = {
    'where it was asked': await Promise.all(asked.map(({ late }) => late)),
    'on another process': await Promise.all(read),
  }
  for (const each of [model, a, b]) each.stop()
  return Object.fromEntries(
    Object.entries(times).map(([where, late]) => {
      const sorted = late.flat().sort((x, y) => x - y)
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(sorted, share).toFixed(1))
      return [where, { p50, p95, p99 }]
    }),
  )
}
