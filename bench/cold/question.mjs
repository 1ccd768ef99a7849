// @ts-check
/**
 * What every contender asks, with the same bytes in the same order.
 *
 * @typedef {(url: string, onText: (text: string) => void) => Promise<void>} Ask
 */
export const question = {
  model: 'bench',
  messages: [{ role: /** @type {const} */ ('user'), content: 'How do holdfasts hold?' }],
  stream: true,
}

/** The same as `fetch` takes it. */
export const body = {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  body: JSON.stringify(question),
}
