/** A reader who goes on at the answer's address whenever its connection ends before the answer has. */
import { answerIn, eventsIn } from './relay.ts'

export interface Follower {
  /** All that was read, when the answer has ended. */
  readonly over: Promise<string>
  /** The text so far. */
  readonly said: () => string
  /** How many responses it has begun to read. */
  readonly responses: () => number
}

/** @param cutAfter - after how many bytes of a response it breaks off, where it does. */
export function following(
  origin: string,
  asked: Response,
  cutAfter: () => number | undefined = () => undefined,
): Follower {
  const address = new URL(asked.headers.get('content-location') ?? '', origin)
  let text = ''
  let current = ''
  let responses = 0
  const whole = () => text + current.slice(0, current.lastIndexOf('\n\n') + 2)
  const last = () => eventsIn(text).at(-1)?.id ?? '0'
  const over = (async () => {
    for (let response = asked; response.status !== 204; response = await again(address, last())) {
      responses++
      current = ''
      await read(response, cutAfter(), (piece) => {
        current += piece
      })
      text = whole()
      current = ''
      if (/^: holdfast \w+$/m.test(text)) break
    }
    return text
  })()
  over.catch(() => {})
  return { over, said: () => answerIn(whole()).text, responses: () => responses }
}

async function read(response: Response, most = Number.POSITIVE_INFINITY, tell: (piece: string) => void) {
  const decoder = new TextDecoder()
  let rest = most
  try {
    for await (const bytes of response.body!) {
      tell(decoder.decode(bytes.subarray(0, rest), { stream: true }))
      rest -= bytes.length
      if (rest <= 0) return
    }
  } catch {
    // Broken off: what has come is what there is.
  }
}

/** As a client does: who is busy is asked again. */
async function again(address: URL, after: string): Promise<Response> {
  for (;;) {
    const response = await fetch(address, { headers: { 'last-event-id': after } }).catch(() => undefined)
    if (response?.ok) return response
    if (response && response.status < 500) throw new Error(`${response.status} at the answer's address`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
