// @ts-check

import { memoryStore } from '../../dist/relay.js'
import { resolveUpstream } from '../server/upstream.mjs'

/** The options that are numbers, by their variables; those without a unit count. */
const NUMBERS = /** @type {const} */ ({
  RELAY_HEARTBEAT_MS: 'heartbeatMs',
  RELAY_KEEP_MS: 'keepMs',
  RELAY_ABANDON_MS: 'abandonMs',
  RELAY_LEASE_MS: 'leaseMs',
  RELAY_ROTATE_MS: 'rotateMs',
  RELAY_GRACE_MS: 'graceMs',
  RELAY_MAX_BODY_BYTES: 'maxBodyBytes',
  RELAY_MAX_ANSWER_BYTES: 'maxAnswerBytes',
  RELAY_MAX_RUNNING: 'maxRunning',
  RELAY_MAX_READERS: 'maxReaders',
  RELAY_MAX_BYTES: 'maxBytes',
  RELAY_MAX_ANSWERS: 'maxAnswers',
})

const SHORTEST_LEASE_MS = 100

/**
 * Reads the relay's variables; empty ones count as unset.
 * @param {NodeJS.ProcessEnv} env
 * @throws {Error} with a sentence that names the variable; a key is never part of it
 */
export function readRelaySettings(env) {
  const { maxBytes, maxAnswers, graceMs, ...numbers } = readNumbers(env)
  const port = readNumber('PORT', env.PORT) ?? 4390
  if (port > 65_535) throw new Error(`PORT must be from 0 to 65535, not ${port}.`)
  const redisUrl = readRedis(env.REDIS_URL)
  return {
    port,
    hostname: env.HOST || '127.0.0.1',
    path: readPath('RELAY_PATH', env.RELAY_PATH) ?? '/answers',
    owner: readHeader(env.RELAY_OWNER_HEADER),
    redisUrl,
    upstream: readUpstream(env),
    graceMs: graceMs ?? 10_000,
    ...numbers,
    ...(env.RELAY_PUBLIC_PATH && { publicPath: readPath('RELAY_PUBLIC_PATH', env.RELAY_PUBLIC_PATH) }),
    ...(env.RELAY_ORIGINS && { origins: readOrigins(env.RELAY_ORIGINS) }),
    ...(!redisUrl && { store: memoryStore({ maxBytes, maxAnswers }) }),
  }
}

/** @param {NodeJS.ProcessEnv} env */
function readNumbers(env) {
  /** @type {Partial<Record<(typeof NUMBERS)[keyof typeof NUMBERS], number>>} */
  const numbers = {}
  for (const name of /** @type {(keyof typeof NUMBERS)[]} */ (Object.keys(NUMBERS))) {
    const number = readNumber(name, env[name])
    if (number !== undefined) numbers[NUMBERS[name]] = number
  }
  const { leaseMs = SHORTEST_LEASE_MS } = numbers
  if (leaseMs < SHORTEST_LEASE_MS)
    throw new Error(`RELAY_LEASE_MS must be at least ${SHORTEST_LEASE_MS}, not ${leaseMs}.`)
  return numbers
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function readNumber(name, text) {
  if (!text) return undefined
  if (name === 'RELAY_ABANDON_MS' && text === 'Infinity') return Number.POSITIVE_INFINITY
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 2_147_483_647) return number
  throw new Error(`${name} must be a whole number from 0 to 2147483647, not ${JSON.stringify(text)}.`)
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function readPath(name, text) {
  if (!text) return undefined
  if (/^\/[\w\-./~%]*$/.test(text)) return text.replace(/\/+$/, '')
  throw new Error(`${name} must be a path such as /answers, not ${JSON.stringify(text)}.`)
}

/** @param {string | undefined} name */
function readHeader(name) {
  if (!name || /^[\w-]+$/.test(name)) return name || undefined
  throw new Error(`RELAY_OWNER_HEADER must be the name of a header, not ${JSON.stringify(name)}.`)
}

/** @param {string} list */
function readOrigins(list) {
  const origins = list.split(',').map((each) => each.trim())
  const bad = origins.find((each) => each !== '*' && !(URL.canParse(each) && new URL(each).origin === each))
  if (bad === undefined) return origins
  throw new Error(
    `RELAY_ORIGINS must be origins such as https://app.example.com, not ${JSON.stringify(bad)}.`,
  )
}

/** @param {string | undefined} url */
function readRedis(url) {
  if (!url || /^(rediss?|unix):\/\//.test(url)) return url || undefined
  throw new Error('REDIS_URL must begin with redis:// or rediss://.')
}

/** @param {NodeJS.ProcessEnv} env */
function readUpstream({ UPSTREAM_URL: url, UPSTREAM_KEY: key }) {
  if (url) return resolveUpstream({ url, key })
  if (key) throw new Error('UPSTREAM_KEY needs an UPSTREAM_URL, such as https://host/v1.')
  return undefined
}
