/** Responses with a body of ours that are like the ones they stand for. */

/** A response that is like another one but for its body, and for headers that are added. */
export function dressed(
  body: ReadableStream<Uint8Array> | null,
  like: Response,
  added: Readonly<Record<string, string>> = {},
): Response {
  const headers = new Headers(like.headers)
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  const { status, statusText } = like
  return posing(new Response(body, { status, statusText, headers }), like)
}

/** [spec] What `fetch` alone can set: nobody else's response has a URL. */
function posing(response: Response, { url, redirected, type }: Response): Response {
  const clone = (): Response =>
    posing(Response.prototype.clone.call(response), { url, redirected, type } as Response)
  const own = { url, redirected, type, clone }
  for (const [name, value] of Object.entries(own))
    Object.defineProperty(response, name, { value, configurable: true })
  return response
}
