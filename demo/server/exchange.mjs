// @ts-check
import { once } from 'node:events'
import { setImmediate, setTimeout } from 'node:timers/promises'

/** So far apart are two packets that a reader gets as two, even one that is busy. */
const PACKETS_APART_MS = 4

/**
 * @typedef {object} Timing
 * @property {number} pace multiplies every simulated delay
 * @property {number} keepAliveMs the longest silence of a healthy stream
 */

/** One request and its response: written no faster than the client reads, and over as soon as it is gone. */
export class Exchange {
  /** What is being done at the moment; ended when the client has gone, or by an interruption. */
  #task = new AbortController()
  /** What is to be done in place of it. */
  #next = /** @type {(() => unknown) | undefined} */ (undefined)
  #isGone = false
  #timing

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {Timing} timing
   */
  constructor(request, response, timing) {
    // By hand: `new URL()` throws on some paths that a client may send, and resolves the dots in others.
    const [path = '/', ...query] = (request.url ?? '/').split('?')
    this.path = path
    this.query = new URLSearchParams(query.join('?'))
    this.request = request
    this.response = response
    this.#timing = timing
    response.once('close', () => {
      this.#isGone = true
      this.#task.abort()
    })
    // A socket that breaks is reported by 'close' too; unheard, the error would end the process.
    response.on('error', () => {})
  }

  /** Aborted when the response is finished, the client is gone, or something else is to be done. */
  get signal() {
    return this.#task.signal
  }

  /**
   * Does the work to its end, or, if it is interrupted, what it is interrupted with.
   * @param {() => unknown} work
   */
  async run(work) {
    try {
      await work()
    } catch (error) {
      const next = this.#next
      if (!next || this.#isGone) throw error
      this.#next = undefined
      this.#task = new AbortController()
      await this.run(next)
    }
  }

  /**
   * Breaks off what is being done at its next wait, never within an event, and has this done in its place.
   * @param {() => unknown} next
   */
  interrupt(next) {
    this.#next = next
    this.#task.abort()
  }

  /** The head of an event stream, sent at once: in some browsers `fetch` settles at the first byte only. */
  async open() {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    await this.comment('ok')
  }

  /** @param {string} text */
  comment(text) {
    return this.write(`: ${text}\n\n`)
  }

  /** @param {unknown} data one event: a string as it is, anything else as JSON */
  event(data) {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    return this.send(Buffer.from(`data: ${text}\n\n`))
  }

  /**
   * Writes whole events. A network cuts where it likes; loopback hardly ever does, so a character of several bytes is cut
   * here.
   * @param {Uint8Array} bytes
   */
  async send(bytes) {
    const wide = bytes.findIndex((byte) => byte >= 0xc0)
    if (wide < 0) return this.write(bytes)
    this.signal.throwIfAborted()
    this.response.write(bytes.subarray(0, wide + 1))
    // Not to be interrupted: what is sent in place of the rest would become a part of this event.
    await setTimeout(PACKETS_APART_MS)
    if (!this.response.write(bytes.subarray(wide + 1))) await this.#drain()
  }

  /** @param {string | Uint8Array} bytes */
  async write(bytes) {
    this.signal.throwIfAborted()
    if (!this.response.write(bytes)) await this.#drain()
  }

  #drain() {
    return once(this.response, 'drain', { signal: this.signal })
  }

  /**
   * Waits as the model would, with a keep-alive comment wherever the silence would grow too long.
   * @param {number} ms
   */
  async pause(ms) {
    let left = ms * this.#timing.pace
    for (; left > this.#timing.keepAliveMs; left -= this.#timing.keepAliveMs) {
      await setTimeout(this.#timing.keepAliveMs, undefined, { signal: this.signal })
      await this.comment('keep-alive')
    }
    await this.sleep(left)
  }

  /**
   * Waits without a byte.
   * @param {number} ms already multiplied by the pace
   */
  async sleep(ms) {
    // Even without a delay the event loop gets a turn, or a client that has gone would not be noticed.
    if (ms > 0) await setTimeout(ms, undefined, { signal: this.signal })
    else await setImmediate(undefined, { signal: this.signal })
  }

  /**
   * Comments and nothing else.
   * @param {number} count
   * @param {number} everyMs
   */
  async keepAlive(count, everyMs) {
    for (let sent = 0; sent < count; sent++) {
      await this.sleep(everyMs * this.#timing.pace)
      await this.comment('keep-alive')
    }
  }

  /** Nothing more, for ever, with the socket open. */
  async silence() {
    if (!this.signal.aborted) await once(this.signal, 'abort')
    this.signal.throwIfAborted()
  }

  end() {
    this.response.end()
  }

  /** Breaks the connection with a TCP RST. */
  async reset() {
    // An RST overtakes what is still under way, and some clients then drop what they have not read yet. What
    // was written is meant to arrive, so the network gets a moment, whatever the pace.
    await setTimeout(150, undefined, { signal: this.signal })
    this.response.socket?.resetAndDestroy()
  }
}
