// @ts-check
/** Processes, and a page that reads from them. */
import { fork } from 'node:child_process'
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })

/** @typedef {{ cpuMs: number, rss: number, kept: number }} Usage */
/** @typedef {{ url: string, ask: () => Promise<Usage>, stop: () => void }} Process */

/**
 * @param {string} file
 * @param {...(string | number)} args
 * @returns {Promise<Process>}
 */
export async function start(file, ...args) {
  const child = fork(new URL(file, import.meta.url), args.map(String), { execArgv: ['--expose-gc'] })
  const next = () => new Promise((resolve) => child.once('message', resolve))
  const { url } = /** @type {{ url: string }} */ (await next())
  const ask = () => {
    child.send('usage')
    return /** @type {Promise<Usage>} */ (next())
  }
  return { url, ask, stop: () => void child.kill('SIGKILL') }
}

/**
 * One answer, asked or read.
 * @param {string} url
 * @param {'POST' | 'GET'} [method]
 * @returns {{ address: Promise<string>, late: Promise<number[]> }} where it can be read again, and how late each word was,
 *   in ms
 */
export function readAnswer(url, method = 'POST') {
  /** @type {PromiseWithResolvers<string>} */
  const address = promise()
  /** @type {PromiseWithResolvers<number[]>} */
  const late = promise()
  const asked = request(url, { method, agent }, (response) => {
    address.resolve(response.headers['content-location'] ?? '')
    /** @type {number[]} */
    const each = []
    let isWhole = false
    response.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const time = performance.timeOrigin + performance.now()
      for (const [, said] of text.matchAll(/"content":"([\d.]+) "/g)) each.push(time - Number(said))
      isWhole ||= text.includes('[DONE]')
    })
    response.on('end', () => (isWhole ? late.resolve(each) : late.reject(new Error('An answer was cut'))))
    response.on('error', late.reject)
  })
  asked.on('error', late.reject)
  asked.end(method === 'POST' ? '{"model":"bench","messages":[]}' : undefined)
  return { address: address.promise, late: late.promise }
}

/** Node 20 has no `Promise.withResolvers`. @template T @returns {PromiseWithResolvers<T>} */
function promise() {
  /** @type {any} */
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

/** @param {number[]} sorted @param {number} share */
export const quantile = (sorted, share) => sorted[Math.floor(sorted.length * share)] ?? 0
