/** Bodies that never end, made as they are read, and what is kept of them. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'

const READ = 65_536

export interface Endless {
  /** The text over and over; a function is asked anew for each piece of it. */
  readonly unit: string | ((at: number) => string)
  /** What comes before it. */
  readonly first?: string
  readonly init?: ResponseInit
  readonly options?: StreamOptions
  /** How much of it is enough to see, in MB: where each event is small, and costs what an event costs. */
  readonly mb?: number
  /** Bytes in a read. */
  readonly read?: number
}

/** A `fetch` that gives so many bytes of it. */
export function endlessly(
  { unit, first = '', init, read = READ }: Endless,
  bytes: number,
  atRead = () => {},
): typeof fetch {
  const encoder = new TextEncoder()
  const same =
    typeof unit === 'string' ? encoder.encode(unit.repeat(Math.ceil(read / unit.length))) : undefined
  let at = 0
  const next = (): Uint8Array => {
    if (same || typeof unit === 'string') return same as Uint8Array
    let text = ''
    while (text.length < read) text += unit(at++)
    return encoder.encode(text)
  }
  return async () => {
    let given = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const part = given === 0 && first !== '' ? encoder.encode(first) : next()
          given += part.length
          controller.enqueue(part)
          atRead()
          if (given >= bytes) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: { 'content-type': 'text/event-stream' }, ...init })
  }
}

/** What became of it, with small bounds. */
export function outcomeOf(endless: Endless, bytes: number, atRead?: () => void): Promise<StreamFailure> {
  const { options } = endless
  const fetch = endlessly(endless, bytes, atRead)
  const reply = stream('https://a.example', {
    ...{ json: {}, retry: false, maxEventBytes: 1e6, maxAnswerChars: 1e6, fetch },
    ...options,
  })
  return reply.answer().then(
    () => Promise.reject(new Error('It was whole')),
    (error: StreamFailure) => error,
  )
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is in use once what is not has been collected, in bytes. */
export function inUse(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
