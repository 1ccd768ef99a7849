import { ProtocolError, type StreamError, TruncatedError } from '../errors/errors.ts'
import type { Delta } from '../events.ts'
import type { Dialect, DialectReader, Verdict } from './dialect.ts'
import { finish } from './reasons.ts'
import { pushText } from './values.ts'

/**
 * A body that *is* the text, without events: `text/plain`, the AI SDK's `toTextStreamResponse()`, Hono's `streamText()`.
 *
 * It is read as it comes. But nothing tells a whole one from one that was cut off, so it ends as `truncated`, unless you
 * accept the risk: `dialect: endsAtClose(text)`. Better: let the server send events, which have an end.
 */
export const text: Dialect = { name: 'text', open: () => new TextBodyReader() }

class TextBodyReader implements DialectReader {
  #hasBegun = false

  read(): Verdict {
    return 'foreign'
  }

  isText = (head: string, headers: Headers, isOver: boolean): boolean | undefined =>
    isText(head, headers, isOver, true)

  readText(piece: string, deltas: Delta[]): Verdict {
    if (!this.#hasBegun && DATA_STREAM.test(piece)) return new ProtocolError(DATA_STREAM_ADVICE)
    this.#hasBegun = true
    pushText(deltas, 'text', piece)
    return 'more'
  }

  unfinished(): StreamError {
    return new TruncatedError(
      'The body was plain text, and its end is the same whether it is whole or cut off. ' +
        'If you accept that: dialect: endsAtClose(text); better: events that end with [DONE]',
      true,
    )
  }
}

// The AI SDK's data stream, up to version 4: `0:"Hel"`.
export const DATA_STREAM: RegExp = /^\s*[0-9a-k]:["[{]/
export const DATA_STREAM_ADVICE: string =
  'The server writes the data stream of the AI SDK 4, which is no text: let it call toUIMessageStreamResponse()'

const PAGE = /^\s*<(?:!doctype|!--|html|head|\?xml)/i
const FIELD = /^\s*(?::|(?:data|event|id|retry)[:\r\n])/
// It may become a page, a field of an event stream, or one of the AI SDK's.
const UNCLEAR = /^\s*(?:<.{0,8}|[0-9a-k]:?|d(?:a(?:ta?)?)?|e(?:v(?:e(?:nt?)?)?)?|id?|r(?:e(?:t(?:ry?)?)?)?|)$/

/**
 * Whether a body is text. Of content types only those of JSON and of event streams are believed; without being told so
 * (`isWanted`), plain text has to be announced, and must not begin like JSON or an event stream.
 */
export function isText(
  head: string,
  headers: Headers,
  isOver: boolean,
  isWanted: boolean,
): boolean | undefined {
  const type = headers.get('content-type') ?? ''
  if (/json|event-stream/i.test(type) || PAGE.test(head)) return false
  if (!isWanted && (!/text\/plain/i.test(type) || FIELD.test(head) || /^\s*[{[]/.test(head))) return false
  return isOver || !UNCLEAR.test(head) || head.length > 64 ? true : undefined
}

/**
 * A dialect whose answers are whole when the stream ends, for a server that has no marker for it. With it an answer that a
 * proxy has cut off cleanly is called whole: that is the risk you accept.
 *
 * @example
 * ```ts
 * stream('/api/chat', { dialect: endsAtClose(jsonEvents) })
 * ```
 */
export function endsAtClose(dialect: Dialect): Dialect {
  return { ...dialect, open: (state, headers) => closing(dialect.open(state, headers)) }
}

function closing(reader: DialectReader): DialectReader {
  let hasFinish = false
  let failure: StreamError | undefined
  const watch = (deltas: readonly Delta[], verdict: Verdict): Verdict => {
    hasFinish ||= deltas.some(({ type }) => type === 'finish')
    return verdict
  }
  const more: Partial<DialectReader> = {
    read: (event, deltas) => watch(deltas, reader.read(event, deltas)),
    readText: (piece, deltas) => watch(deltas, reader.readText?.(piece, deltas) ?? 'foreign'),
    close(deltas) {
      reader.close?.(deltas)
      watch(deltas, 'more')
      const wrong = hasFinish ? undefined : reader.unfinished?.()
      // That there is no end is what was agreed to; a failure is not.
      failure = wrong?.code === 'truncated' ? undefined : wrong
      if (!hasFinish && !failure) finish(undefined, deltas)
    },
    unfinished: () => failure,
  }
  // What it leaves out is the reader's own, which keeps its private fields.
  return new Proxy(reader, {
    get(target, key) {
      const value: unknown = Reflect.get(more, key) ?? Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
