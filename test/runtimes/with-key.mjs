/**
 * Requests with a key: that they can be made at all, and what is told of one that is redirected.
 *
 * @param {Pick<typeof import('../../src/index.ts'), 'stream'>} library
 * @param {string} base
 * @returns {Promise<{ text: string, redirected: string }>}
 */
export async function withKey({ stream }, base) {
  const options = { headers: { 'x-api-key': 'sk-123456789' }, json: {} }
  const redirected = await stream(`${base}/leak/redirect`, options)
    .text()
    .catch(({ code, message, attempts }) => `${code} after ${attempts}: ${message}`)
  return { text: await stream(`${base}/answer`, options).text(), redirected }
}
