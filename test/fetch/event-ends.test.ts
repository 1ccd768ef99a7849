/** Where the events of a stream end, and what a body is. No sockets: these are promises about bytes. */
import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventEnds, kindOf } from '../../src/fetch/event-ends.ts'
import { runs } from '../support/properties.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** The stream in pieces that each end an event, but for the last one; it comes in pieces of `size`. */
function cut(text: string, size: number): string[] {
  const ends = new EventEnds()
  const events = ['']
  const all = bytesOf(text)
  for (let at = 0; at < all.length; at += size) {
    let rest = all.subarray(at, at + size)
    for (let end = ends.endIn(rest); end > 0; end = ends.endIn(rest)) {
      events[events.length - 1] += new TextDecoder('latin1').decode(rest.subarray(0, end))
      events.push('')
      rest = rest.subarray(end)
    }
    events[events.length - 1] += new TextDecoder('latin1').decode(rest)
  }
  return events
}

function told(pieces: readonly string[], each: (piece: string) => void = () => {}): string[] {
  const events: string[] = []
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) })
  for (const piece of pieces) {
    parser.feed(piece)
    each(piece)
  }
  return events
}

test.each([
  ['data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n', '']],
  ['data: a\r\n\r\ndata: b', ['data: a\r\n\r', '\ndata: b']],
  ['data: a\r\rdata: b\r\r', ['data: a\r\r', 'data: b\r\r', '']],
  [': hi\ndata: a\n: in it\ndata: b\n\n', [': hi\n', 'data: a\n: in it\ndata: b\n\n', '']],
  ['\n\ndata: a\n', ['\n', '\n', 'data: a\n']],
])('%j', (text, events) => {
  for (const size of [1, 2, 3, 100]) expect(cut(text, size)).toEqual(events)
})

test('what is cut there is understood piece by piece, and a half of it can be left out', () => {
  const line = fc.constantFrom('data: a', 'data: b', ': c', 'id: 1', 'event: x', '', '')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
      const text = lines.map((each) => each + end).join('')
      const pieces = cut(text, 3)
      expect(pieces.join('')).toBe(text)
      expect(told(pieces)).toEqual(told([text]))
      // What follows a piece may as well come from elsewhere.
      const [, ...rest] = pieces.slice(0, -1)
      const first = pieces.slice(0, -1).slice(0, 1)
      expect([...told(first), ...told(rest)]).toEqual(told(pieces.slice(0, -1)))
    }),
    runs(300),
  )
})

describe('a body that begins with', () => {
  test.each([
    ['data: x', 'events'],
    [': x', 'events'],
    ['\ufeff\n\nid:1', 'events'],
    ['error: {', 'events'],
    ['da', undefined],
    ['', undefined],
    [' \n', undefined],
    ['  {"a"', 'json'],
    ['[{', 'json'],
    ['<!DOCTYPE html>', 'page'],
    ['<b>Hello', 'other'],
    ['Hello', 'other'],
    ['\0\0\0\x7f', 'other'],
    [' '.repeat(5_000), 'other'],
  ])('%j', (text, kind) => {
    expect(kindOf(bytesOf(text), 'text/plain')).toBe(kind)
  })

  test('a tag is a page where its server says so', () => {
    expect(kindOf(bytesOf('<b>Hello'), 'text/html; charset=utf-8')).toBe('page')
  })
})
