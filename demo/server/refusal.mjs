// @ts-check
// What the server says instead of an answer, in the shape that OpenAI-compatible servers use.

/**
 * @typedef {object} RefusalDetails
 * @property {string} [type]
 * @property {string | null} [param] the field of the request that is at fault
 * @property {string | null} [code]
 * @property {Record<string, string>} [headers]
 */

/** An answer that is an HTTP error; thrown anywhere, sent by the server in one place. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {RefusalDetails} [details]
   */
  constructor(status, message, { type = 'invalid_request_error', param = null, code = null, headers } = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.headers = headers ?? {}
    this.body = { error: { message, type, param, code } }
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Refusal} refusal
 */
export function sendRefusal(response, { status, headers, body }) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(`${JSON.stringify(body)}\n`)
}
