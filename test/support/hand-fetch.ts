/** A `fetch` whose answers the test writes by hand, piece by piece. */
export interface Asked {
  readonly method: string
  readonly url: string
  /** The body's `messages`. */
  readonly messages: unknown
  readonly isAborted: boolean
  say(...texts: readonly string[]): void
  /** The answer is whole. */
  end(): void
  /** The connection breaks. */
  reset(): void
}

export function handFetch(headers: Readonly<Record<string, string>> = {}) {
  const asked: Asked[] = []
  const encoder = new TextEncoder()
  const play: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const text = await request.text()
    // A server that keeps its answers numbers their events.
    const isKept = 'content-location' in headers
    let id = 0
    let isAborted = false
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start: (own) => {
        controller = own
      },
      cancel: () => {
        isAborted = true
      },
    })
    request.signal.addEventListener('abort', () => {
      isAborted = true
    })
    const send = (data: unknown): void => {
      const line = typeof data === 'string' ? data : JSON.stringify(data)
      controller.enqueue(encoder.encode(`${isKept ? `id: ${++id}\n` : ''}data: ${line}\n\n`))
    }
    asked.push({
      method: request.method,
      url: request.url,
      messages: text && JSON.parse(text).messages,
      get isAborted() {
        return isAborted
      },
      say(...texts) {
        for (const content of texts) send({ choices: [{ index: 0, delta: { content } }] })
      },
      end() {
        send('[DONE]')
        controller.close()
      },
      reset: () => controller.error(new TypeError('reset')),
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream', ...headers } })
  }
  return { fetch: play, asked }
}
