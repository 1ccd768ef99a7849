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
import { fork } from 'node:child_process'
import { Agent, request } from 'node:http'
import { argv } from 'node:process'
import { createClient } from 'redis'

const WORDS = Number(process.env.BENCH_WORDS ?? 200)
/** Words a second, all answers together: what a core of a small machine can carry. */
const WORDS_A_SECOND = Number(process.env.BENCH_RATE ?? 4000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

const redisAt = argv.indexOf('--redis')
const redisUrl = redisAt < 0 ? undefined : argv[redisAt + 1]
const counts = argv.slice(2, redisAt < 0 ? undefined : redisAt).map(Number)
const redis = redisUrl === undefined ? undefined : await createClient({ url: redisUrl }).connect()
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })

/** @typedef {{ cpuMs: number, rss: number, kept: number }} Usage */
/** @typedef {{ cpu: number, kept: number, p50: number, p99: number, commands: number }} Figures */

/**
 * @param {string} file
 * @param {...(string | number)} args
 * @returns {Promise<{ url: string, ask: () => Promise<Usage>, stop: () => void }>}
 */
async function start(file, ...args) {
  const child = fork(new URL(file, import.meta.url), args.map(String), { execArgv: ['--expose-gc'] })
  const next = () => new Promise((resolve) => child.once('message', resolve))
  const { url } = /** @type {{ url: string }} */ (await next())
  const ask = () => {
    child.send('usage')
    return /** @type {Promise<Usage>} */ (next())
  }
  return { url, ask, stop: () => void child.kill('SIGKILL') }
}

/** How many commands the Redis has been given, as far as it tells. */
async function commandsGiven() {
  return Number(/total_commands_processed:(\d+)/.exec((await redis?.info('stats')) ?? '')?.[1] ?? 0)
}

/**
 * One answer; resolves with how late each word was, in ms.
 * @param {string} url
 * @returns {Promise<number[]>}
 */
function readAnswer(url) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent }, (response) => {
      /** @type {number[]} */
      const late = []
      let isWhole = false
      response.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        const time = performance.timeOrigin + performance.now()
        for (const [, said] of text.matchAll(/"content":"([\d.]+) "/g)) late.push(time - Number(said))
        isWhole ||= text.includes('[DONE]')
      })
      response.on('end', () => (isWhole ? resolve(late) : reject(new Error('An answer was cut'))))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end('{"model":"bench","messages":[]}')
  })
}

/**
 * @param {string} url
 * @param {() => Promise<Usage>} usage
 * @param {number} count
 * @param {number} lastMs
 * @returns {Promise<Figures>}
 */
async function measure(url, usage, count, lastMs) {
  await Promise.all(Array.from({ length: 20 }, () => readAnswer(url)))
  const before = await usage()
  const given = await commandsGiven()
  const reading = Array.from({ length: count }, () => readAnswer(url))
  await new Promise((resolve) => setTimeout(resolve, lastMs / 2))
  const midway = await usage()
  const late = (await Promise.all(reading)).flat().sort((a, b) => a - b)
  const after = await usage()
  return {
    cpu: (after.cpuMs - before.cpuMs) / ((count * WORDS) / 1000),
    kept: (midway.kept - before.kept) / count / 1000,
    p50: late[Math.floor(late.length / 2)] ?? 0,
    p99: late[Math.floor(late.length * 0.99)] ?? 0,
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

for (const count of counts.length > 0 ? counts : [500, 2000, 5000]) {
  console.log(`${count} answers at a time, ${WORDS} words each, ${WORDS_A_SECOND} words a second`)
  console.table(await compare(count))
}
redis?.destroy()
