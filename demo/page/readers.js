// @ts-check
// How others read a streamed answer. Ours, written from what they do, so that the page needs none of them: small, and
// true in what matters here, which is when they ask again and what they take for the end.

/**
 * @typedef {object} Reading
 * @property {string} url
 * @property {RequestInit} init
 * @property {(text: string) => void} onText
 * @property {() => void} onAgain it begins again, and takes nothing back
 * @property {Seen} seen what a judge has to know, and the reader does not look at
 */

/** @typedef {{ isEnded: boolean, lost: number }} Seen */

/** @type {Readonly<Record<'loop' | 'tutorial' | 'openai' | 'fes', (reading: Reading) => Promise<void>>>} */
export const readers = {
  /** As one writes it with care: bytes to text to lines to JSON. Nobody asks whether it was all. */
  async loop(reading) {
    const response = await fetch(reading.url, reading.init)
    for await (const data of eventsOf(response)) take(data, reading)
  },

  /** As one finds it: each packet decoded by itself, and what does not parse left out. */
  async tutorial(reading) {
    const { body } = await fetch(reading.url, reading.init)
    for await (const bytes of packetsOf(body)) {
      for (const line of new TextDecoder().decode(bytes).split('\n')) {
        if (!line.startsWith('data: ')) continue
        try {
          take(line.slice(6), reading)
        } catch {
          reading.seen.lost++
        }
      }
    }
  },

  /** Two more requests while there is no response; none once there is one. An end without `[DONE]` is an end. */
  async openai(reading) {
    const response = await withRetries(reading, 2)
    for await (const data of eventsOf(response)) {
      if (data !== '[DONE]') {
        const { error } = JSON.parse(data)
        if (error) throw new Error(error.message)
      }
      take(data, reading)
    }
  },

  /** Whatever was thrown, it asks again after a second, from the start; an end is an end. */
  async fes(reading) {
    for (;;) {
      try {
        const response = await fetch(reading.url, reading.init)
        const type = response.headers.get('content-type')
        if (!type?.startsWith('text/event-stream'))
          throw new Error(`Expected content-type to be text/event-stream, Actual: ${type}`)
        for await (const data of eventsOf(response)) take(data, reading)
        return
      } catch (error) {
        if (reading.init.signal?.aborted) throw error
        await pause(1000)
        reading.onAgain()
      }
    }
  },
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** @param {Reading} reading @param {number} left */
async function withRetries({ url, init }, left) {
  for (; ; left--) {
    try {
      const response = await fetch(url, init)
      if (response.ok) return response
      const isWorth = [408, 409, 429].includes(response.status) || response.status >= 500
      if (!isWorth || left === 0) {
        const { error } = await response.json()
        throw Object.assign(new Error(`${response.status} ${error.message}`), { isFinal: true })
      }
      await pause(Number(response.headers.get('retry-after')) * 1000 || 500)
    } catch (error) {
      if (left === 0 || init.signal?.aborted || /** @type {any} */ (error).isFinal) throw error
      await pause(500)
    }
  }
}

/** @param {string} data @param {Reading} reading */
function take(data, { onText, seen }) {
  if (data === '[DONE]') {
    seen.isEnded = true
    return
  }
  const text = JSON.parse(data).choices[0]?.delta.content
  if (text) onText(text)
}

/** @param {Response} response */
async function* eventsOf({ body }) {
  const decoder = new TextDecoder()
  let buffer = ''
  for await (const bytes of packetsOf(body)) {
    buffer += decoder.decode(bytes, { stream: true })
    const lines = buffer.split('\n')
    buffer = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data: ')) yield line.slice(6)
  }
}

/** By hand: not every browser can iterate a body. @param {ReadableStream<Uint8Array> | null} body */
async function* packetsOf(body) {
  const reader = body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) yield part.value
}
