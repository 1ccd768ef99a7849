// @ts-check
/**
 * So many answers at a time through a bare pass-through proxy and through the relay, each in a process of its own, in one
 * run, in turn: processor time and memory of that process, and how much later a word arrives than it was said.
 *
 *     npm run bench:relay                      500, 2,000 and 5,000 answers
 *     npm run bench:relay -- 500 --redis URL   so many, also with a Redis that is running
 *
 * BENCH_WORDS: of an answer; BENCH_RATE: words a second, all answers together; BENCH_ROUNDS.
 */
import { argv } from 'node:process'
import { createClient } from 'redis'
import { readElsewhere } from './elsewhere.mjs'
import { quantile, readAnswer, start } from './scene.mjs'

const WORDS = Number(process.env.BENCH_WORDS ?? 200)
/** Words a second, all answers together: what a core of a small machine can carry. */
const WORDS_A_SECOND = Number(process.env.BENCH_RATE ?? 4000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

const redisAt = argv.indexOf('--redis')
const redisUrl = redisAt < 0 ? undefined : argv[redisAt + 1]
const counts = argv.slice(2, redisAt < 0 ? undefined : redisAt).map(Number)
const redis = redisUrl === undefined ? undefined : await createClient({ url: redisUrl }).connect()

/** @typedef {import('./scene.mjs').Usage} Usage */
/** @typedef {{ cpu: number, kept: number, p50: number, p99: number, commands: number }} Figures */

/** How many commands the Redis has been given, as far as it tells. */
async function commandsGiven() {
  return Number(/total_commands_processed:(\d+)/.exec((await redis?.info('stats')) ?? '')?.[1] ?? 0)
}

/**
 * @param {string} url
 * @param {() => Promise<Usage>} usage
 * @param {number} count
 * @param {number} lastMs
 * @returns {Promise<Figures>}
 */
async function measure(url, usage, count, lastMs) {
  await Promise.all(Array.from({ length: 20 }, () => readAnswer(url).late))
  const before = await usage()
  const given = await commandsGiven()
  const reading = Array.from({ length: count }, () => readAnswer(url).late)
  await new Promise((resolve) => setTimeout(resolve, lastMs / 2))
  const midway = await usage()
  const late = (await Promise.all(reading)).flat().sort((a, b) => a - b)
  const after = await usage()
  return {
    cpu: (after.cpuMs - before.cpuMs) / ((count * WORDS) / 1000),
    kept: (midway.kept - before.kept) / count / 1000,
    p50: quantile(late, 0.5),
    p99: quantile(late, 0.99),
    commands: ((await commandsGiven()) - given) / (count * WORDS),
  }
}

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** @param {number} count */
async function compare(count) {
  const everyMs = Math.max(20, (1000 * count) / WORDS_A_SECOND)
  const model = await start('model.mjs', WORDS, everyMs)
  /** @type {Record<string, Awaited<ReturnType<typeof start>>>} */
  const ways = {
    'bare proxy': await start('bare.mjs', model.url),
    'fetch, handed on': await start('web.mjs', model.url),
    'relay, memory': await start('relayed.mjs', model.url),
    ...(redisUrl && { 'relay, Redis': await start('relayed.mjs', model.url, redisUrl) }),
  }
  /** @type {Record<string, Figures[]>} */
  const rounds = {}
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, { url, ask }] of Object.entries(ways))
      rounds[name] = [...(rounds[name] ?? []), await measure(url, ask, count, WORDS * everyMs)]
  for (const each of [model, ...Object.values(ways)]) each.stop()
  return tableOf(rounds)
}

/** @param {Record<string, Figures[]>} rounds */
function tableOf(rounds) {
  const of = (/** @type {string} */ name, /** @type {keyof Figures} */ what) =>
    median((rounds[name] ?? []).map((each) => each[what]))
  const ratio = (/** @type {string} */ name, /** @type {keyof Figures} */ what) =>
    (of(name, what) / of('bare proxy', what)).toFixed(2)
  return Object.fromEntries(
    Object.keys(rounds).map((name) => [
      name,
      {
        'CPU ms / 1,000 events': of(name, 'cpu').toFixed(1),
        '× bare': ratio(name, 'cpu'),
        'kB kept / answer': of(name, 'kept').toFixed(1),
        '× bare ': ratio(name, 'kept'),
        'added p50, ms': (of(name, 'p50') - of('bare proxy', 'p50')).toFixed(1),
        'added p99, ms': (of(name, 'p99') - of('bare proxy', 'p99')).toFixed(1),
        ...(redis && { 'Redis commands / event': of(name, 'commands').toFixed(2) }),
      },
    ]),
  )
}

if (redisUrl !== undefined) {
  console.log('50 answers asked on one process and read on another, by way of Redis: ms that a word is late')
  console.table(await readElsewhere(redisUrl))
}
for (const count of counts.length > 0 ? counts : [500, 2000, 5000]) {
  console.log(`${count} answers at a time, ${WORDS} words each, ${WORDS_A_SECOND} words a second`)
  console.table(await compare(count))
}
redis?.destroy()
