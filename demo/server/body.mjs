// @ts-check
import { Refusal } from './refusal.mjs'

/** @typedef {string | readonly { text?: string }[] | null | undefined} Content */

/**
 * The part of a chat request that the demo reads; a relay passes the rest on as it is.
 * @typedef {object} ChatRequest
 * @property {string} [model]
 * @property {readonly { role: string, content?: Content }[]} messages
 * @property {boolean} [stream]
 * @property {{ include_usage?: boolean } | null} [stream_options]
 */

const maxBytes = 1024 * 1024

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<ChatRequest>}
 * @throws {Refusal} 413 when it is too large, 400 when it is not a chat request
 */
export async function readChatRequest(request) {
  const body = parse(await readText(request))
  if (!isObject(body)) throw new Refusal(400, 'The body must be a JSON object.')
  const { messages, model, stream } = body
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new Refusal(400, 'messages must be an array with at least one message.', { param: 'messages' })
  }
  for (const [index, message] of messages.entries()) {
    if (isMessage(message)) continue
    const text = `messages[${index}] must have a role, and a content that is text or a list of parts.`
    throw new Refusal(400, text, { param: `messages[${index}]` })
  }
  if (model !== undefined && typeof model !== 'string') {
    throw new Refusal(400, 'model must be a string.', { param: 'model' })
  }
  if (stream === false)
    throw new Refusal(400, 'This server only streams: set stream to true.', { param: 'stream' })
  return /** @type {ChatRequest} */ (/** @type {unknown} */ (body))
}

/** @param {import('node:http').IncomingMessage} request */
async function readText(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > maxBytes) {
      // The rest is read and dropped: a client that is cut off while sending may never see the answer.
      request.resume()
      throw new Refusal(413, `The body must not be larger than ${maxBytes} bytes.`, {
        headers: { connection: 'close' },
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** @param {string} text */
function parse(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text))
  } catch {
    throw new Refusal(400, 'The body is not valid JSON.')
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @param {unknown} message */
function isMessage(message) {
  if (!isObject(message)) return false
  const { role, content } = message
  if (typeof role !== 'string') return false
  // An assistant message that only calls tools has no content.
  return content == null || typeof content === 'string' || (Array.isArray(content) && content.every(isObject))
}
