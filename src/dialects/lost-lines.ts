import type { Delta, ServerEvent } from '../events.ts'
import type { Dialect, DialectReader, Verdict } from './dialect.ts'
import { type DataLine, TextLines } from './text-lines.ts'
import { isRaw, pushText, valueIn } from './values.ts'

/** The lines of each response, by its headers: of one that goes back to an earlier place they have been heard. */
const HEARD = new WeakMap<Headers, TextLines>()

function linesOf(headers: Headers | undefined): TextLines {
  const lines = (headers && HEARD.get(headers)) ?? new TextLines()
  if (headers) HEARD.set(headers, lines)
  return lines
}

/**
 * A dialect of texts, in which a server may write a line break as it is: `data: one⏎two`. What follows it is no field, and
 * the standard has such a line passed over; it was a part of the answer, which is not whole without it. A break that ends
 * a piece of text, or is one, only adds to those that end the event.
 *
 * What can be had again is: Spring and Gin write `data:` without a blank, and the one that a word begins with goes for it.
 *
 * Which events are text is told by what is read of them. What is JSON has no break of the text in it.
 */
export function withoutLoss(dialect: Dialect): Dialect {
  return {
    ...dialect,
    open(state, headers) {
      const reader = dialect.open(state, headers)
      const lines = linesOf(headers)
      lines.remember(isRaw(state) ? state : {})
      const { close } = reader
      return {
        ...reader,
        hear: (text) => lines.hear(text),
        state: () => lines.state,
        read: (event, deltas) => readWatched(reader, lines, event, deltas),
        ...(close && {
          close(deltas: Delta[]) {
            lines.end()
            if (!lines.error) close(deltas)
          },
        }),
        unfinished() {
          lines.end()
          return lines.error
        },
      }
    },
  }
}

function readWatched(reader: DialectReader, lines: TextLines, event: ServerEvent, deltas: Delta[]): Verdict {
  const before = deltas.length
  const sent = lines.take(event)
  const verdict = reader.read(event, deltas)
  const isText = deltas.slice(before).some(isWords) && !isJson(event.data)
  lines.settle(sent, isText)
  if (isText) lines.compare(sent, event.event)
  if (isText && lines.isBare) giveBack(event.data, sent, deltas, before)
  if (verdict === 'ping' && lines.mayBeBlank(event)) {
    pushText(deltas, 'text', asSent(event.data, sent))
    return 'more'
  }
  const error = verdict === 'end' ? lines.error : undefined
  if (error) deltas.length = before
  return error ?? verdict
}

function isWords({ type }: Delta): boolean {
  return type === 'text' || type === 'reasoning'
}

function isJson(data: string): boolean {
  return /^\s*[{["]/.test(data) && valueIn(data) !== undefined
}

/** The blanks that the standard has passed over, where a text is the data, or begins with it. */
function giveBack(data: string, lines: readonly DataLine[], deltas: Delta[], from: number): void {
  const whole = asSent(data, lines)
  for (let at = from; at < deltas.length; at++) {
    const delta = deltas[at] as Delta
    if (delta.type !== 'text' && delta.type !== 'reasoning') continue
    const { text } = delta
    if (text === data) deltas[at] = { ...delta, text: whole }
    else if (text[0] === data[0]) deltas[at] = { ...delta, text: `${lines[0]?.hasBlank ? ' ' : ''}${text}` }
  }
}

function asSent(data: string, lines: readonly DataLine[]): string {
  return data
    .split('\n')
    .map((line, at) => (lines[at]?.hasBlank ? ` ${line}` : line))
    .join('\n')
}
