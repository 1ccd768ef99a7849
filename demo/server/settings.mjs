// @ts-check

/**
 * @typedef {object} Settings
 * @property {number} port
 * @property {string} host
 * @property {number} pace
 * @property {import('./upstream.mjs').UpstreamOptions | undefined} upstream
 * @property {string | undefined} redisUrl where answers are kept; in memory without it
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 * @throws {Error} with a sentence for whoever set the variable
 */
export function readSettings(env) {
  const { PORT, HOST, DEMO_PACE, UPSTREAM_URL, UPSTREAM_KEY, UPSTREAM_MODEL, REDIS_URL } = env
  const url = UPSTREAM_URL?.trim()
  return {
    port: portFrom(PORT || '8787'),
    host: HOST || '127.0.0.1',
    pace: paceFrom(DEMO_PACE || '1'),
    upstream: url ? { url, key: UPSTREAM_KEY?.trim(), model: UPSTREAM_MODEL?.trim() } : undefined,
    redisUrl: redisFrom(REDIS_URL?.trim()),
  }
}

/** @param {string} text */
function portFrom(text) {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(`PORT must be a whole number from 0 to 65535, not "${text}".`)
}

/** @param {string} text */
function paceFrom(text) {
  const pace = Number(text)
  if (Number.isFinite(pace) && pace >= 0) return pace
  throw new Error(`DEMO_PACE must be a number from 0 upwards, such as 0.5 for twice as fast, not "${text}".`)
}

/** @param {string | undefined} url */
function redisFrom(url) {
  if (!url || /^rediss?:\/\//.test(url)) return url || undefined
  // It may hold a password, so it is not quoted.
  throw new Error('REDIS_URL must begin with redis:// or rediss://.')
}
