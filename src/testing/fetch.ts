import { schedule } from '../time/clock.ts'

/** What one request meets. Everything may be left out: an empty script is a 200 without an event. */
export interface FetchScript {
  /** @defaultValue 200 */
  readonly status?: number | undefined
  /** @defaultValue `content-type: text/event-stream` */
  readonly headers?: RequestInit['headers'] | undefined
  /** The events: texts as they are, all else as JSON, each in a `data:` of its own. */
  readonly events?: readonly unknown[] | undefined
  /**
   * The address at which a relay keeps these events: the response names it (`Content-Location`), each event has an id from
   * 1 on, and a request with `Last-Event-ID` gets what follows, or `204`. `DELETE` gets `204`, too.
   */
  readonly keptAt?: string | undefined
  /** A body as it is, instead of `events`. */
  readonly body?: string | Uint8Array | undefined
  /** The wait for the headers, in ms. */
  readonly headersMs?: number | undefined
  /** The wait before each piece of the body, in ms. */
  readonly pieceMs?: number | undefined
  /** Cuts the body into pieces of so many bytes, through characters if need be. Without it, a piece an event. */
  readonly pieceBytes?: number | undefined
  /** What the server asks for before the events: a client waits so long before it goes on, in ms (`retry:`). */
  readonly retryMs?: number | undefined
  /** Ends after so many events. */
  readonly cutAfterEvents?: number | undefined
  /** Ends after so many bytes of the body. */
  readonly cutAfterBytes?: number | undefined
  /**
   * How the body ends: `close` politely; `reset` by an error; `stall` not at all; `gzip-cut` like a compressed
   * response that broke off, of which engines give what they could decompress and then a polite end.
   * @defaultValue `close`
   */
  readonly end?: 'close' | 'reset' | 'stall' | 'gzip-cut' | undefined
  /** The request fails before there are headers, like one without a connection. */
  readonly offline?: boolean | undefined
}

/** A `fetch` that plays scripts, and what it was asked. */
export type ScriptedFetch = typeof fetch & { readonly requests: readonly Request[] }

/**
 * A `fetch` for tests: the first request plays the first script, and so on; the last one plays for all that follow.
 * It obeys its signal like the real one.
 *
 * @example
 * ```ts
 * const fetch = scriptedFetch({ events: [delta('Hel')], end: 'reset' }, { events: [delta('Hello'), '[DONE]'] })
 * await stream('https://api.example.com', { fetch, json: {} }).text()
 * fetch.requests.length // 2
 * ```
 * @example
 * A relay, whose first connection breaks:
 * ```ts
 * const kept = { keptAt: '/api/chat/a1', events: [delta('Hel'), delta('lo'), '[DONE]'] }
 * const fetch = scriptedFetch({ ...kept, cutAfterEvents: 1, end: 'reset' }, kept)
 * ```
 */
export function scriptedFetch(...scripts: readonly FetchScript[]): ScriptedFetch {
  const requests: Request[] = []
  const play: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const script = scripts[Math.min(requests.length, scripts.length - 1)] ?? {}
    requests.push(request)
    await pause(script.headersMs ?? 0, request.signal)
    if (script.offline) throw new TypeError('Failed to fetch')
    const texts = textsOf(script, request)
    const { headers = { 'content-type': 'text/event-stream' } } = script
    const status = texts ? (script.status ?? 200) : 204
    // Some statuses have no body, and an engine insists on it.
    const hasNone = [204, 205, 304].includes(status)
    const body = hasNone ? null : bodyOf(piecesOf(script, texts ?? []), script, request.signal)
    const response = new Response(body, { status, headers })
    if (script.keptAt) response.headers.set('content-location', script.keptAt)
    return response
  }
  return Object.assign(play, { requests })
}

/** The events as they are sent; of those that a relay keeps, what follows. `undefined`: there is nothing to be sent. */
function textsOf(script: FetchScript, request: Request): readonly string[] | undefined {
  const { events = [], cutAfterEvents = events.length, keptAt, retryMs } = script
  const texts = events.map(
    (event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`,
  )
  const after = Number((keptAt !== undefined && request.headers.get('last-event-id')) || 0)
  const isOver = request.method === 'DELETE' || (after > 0 && after >= texts.length)
  if (keptAt !== undefined && isOver) return undefined
  const numbered = keptAt === undefined ? texts : texts.map((text, at) => `id: ${at + 1}\n${text}`)
  const sent = numbered.slice(after, after + cutAfterEvents)
  return retryMs === undefined ? sent : [`retry: ${retryMs}\n\n`, ...sent]
}

function bodyOf(
  pieces: readonly Uint8Array[],
  script: FetchScript,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(script.pieceMs ?? 0, signal)
        const piece = pieces[next++]
        if (piece) controller.enqueue(piece)
        else if (script.end === 'reset') controller.error(new TypeError('network error'))
        else if (script.end === 'stall') await forever(signal)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

function piecesOf(
  { body, pieceBytes, cutAfterBytes, end }: FetchScript,
  texts: readonly string[],
): Uint8Array[] {
  const encoder = new TextEncoder()
  const whole = typeof body === 'object' ? body : encoder.encode(body ?? texts.join(''))
  // A compressed body that breaks off loses what its last block held.
  const length = Math.min(
    cutAfterBytes ?? whole.length,
    end === 'gzip-cut' ? whole.length >> 1 : whole.length,
  )
  if (pieceBytes === undefined && body === undefined && length === whole.length)
    return texts.map((text) => encoder.encode(text))
  const size = Math.max(1, pieceBytes ?? length)
  return Array.from({ length: Math.ceil(length / size) }, (_, at) =>
    whole.subarray(at * size, Math.min(length, (at + 1) * size)),
  )
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (ms <= 0) return
  await untilAborted(signal, (resolve) => schedule(ms, resolve))
}

function forever(signal: AbortSignal): Promise<void> {
  return untilAborted(signal, () => () => {})
}

/** Waits for what `begin` begins, or for an abort; neither leaves anything behind. `begin` gives what calls it off. */
async function untilAborted(signal: AbortSignal, begin: (resolve: () => void) => () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', abort)
      settle()
    }
    const forget = begin(() => end(resolve))
    const abort = (): void => {
      forget()
      end(() => reject(signal.reason))
    }
    signal.addEventListener('abort', abort)
  })
}
