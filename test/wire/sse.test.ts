/** Bytes to events, however the network cut them. */
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../src/errors/errors.ts'
import type { ServerEvent } from '../../src/events.ts'
import { FrameReader } from '../../src/wire/frames.ts'
import { sseLimits } from '../../src/wire/sse.ts'

type Seen = ServerEvent | string

/** A reader, and what it has told: events, and the text of comments. */
function reader(maxEventBytes = 0): { readonly sse: FrameReader; readonly seen: Seen[] } {
  const seen: Seen[] = []
  const sse = new FrameReader({
    maxEventBytes,
    onEvent: (event) => seen.push({ ...event }),
    onId: (id) => seen.push(`id ${id}`),
    onPiece: (text) => text,
    isText: () => false,
    onStray: (text) => seen.push(`stray ${text}`),
    onComment: (text) => seen.push(text),
    onRetry: (ms) => seen.push(`retry ${ms}`),
    onPage: () => seen.push('page'),
    onText: (text) => seen.push(`text ${text}`),
  })
  return { sse, seen }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function read(...parts: readonly (string | Uint8Array)[]): Seen[] {
  const { sse, seen } = reader()
  for (const part of parts) sse.feed(typeof part === 'string' ? bytesOf(part) : part)
  return seen
}

const data = (text: string): ServerEvent => ({ data: text, id: undefined, event: undefined })
const SEA = 'Das Meer hält 😀 fest — 日本'

const STREAMS: readonly (readonly [string, string, readonly Seen[]])[] = [
  ['line feeds', 'data: a\n\ndata: b\n\n', [data('a'), data('b')]],
  ['carriage returns', 'data: a\r\rdata: b\r\r:end\r', [data('a'), data('b'), 'end']],
  ['both', 'data: a\r\n\r\ndata: b\r\n\r\n', [data('a'), data('b')]],
  ['a mixture', 'data: a\n\r\ndata: b\r\n\ndata: c\r\r\n:end\n', [data('a'), data('b'), data('c'), 'end']],
  ['no blank', 'data:a\n\n', [data('a')]],
  ['two blanks, of which one stays', 'data:  a\n\n', [data(' a')]],
  ['several lines', 'data: a\ndata:\ndata: b\n\n', [data('a\n\nb')]],
  ['empty data', 'data\n\ndata:\n\n', [data(''), data('')]],
  ['no data', 'event: ping\n\n', []],
  ['an id without data, which is a place', 'event: ping\nid: 7\n\ndata: a\n\n', ['id 7', data('a')]],
  ['multibyte text', `data: ${SEA}\n\n`, [data(SEA)]],
  ['comments', ': hi\n:there\n\n:\ndata: a\n: in between\n\n', ['hi', 'there', '', 'in between', data('a')]],
  ['an event name', 'event: error\ndata: a\n\ndata: b\n\n', [{ ...data('a'), event: 'error' }, data('b')]],
  [
    'ids, each of its own event',
    'id: 1\ndata: a\n\ndata: b\n\nid:2\ndata: c\n\n',
    [{ ...data('a'), id: '1' }, data('b'), { ...data('c'), id: '2' }],
  ],
  ['an empty id', 'id\ndata: a\n\n', [{ ...data('a'), id: '' }]],
  ['an id with a null character', 'id: a\0b\ndata: a\n\n', [data('a')]],
  ['unknown fields', 'dat: x\nDATA: y\nfoo\nretry: soon\nretry: 5\ndata: a\n\n', ['retry 5', data('a')]],
  ['a colon in the data', 'data: {"a":"b: c"}\n\n', [data('{"a":"b: c"}')]],
  ['a byte order mark', '\ufeffdata: a\n\n', [data('a')]],
  ['a byte order mark in the middle', 'data: \ufeffa\n\n', [data('\ufeffa')]],
  ['an error in a line of its own', 'data: a\n\nerror: {"b":1}\n\n', [data('a'), 'stray {"b":1}']],
  [
    'a document over lines',
    'data: a\n\n{\n "b": [\n1\n]\n}\ndata: c\n\n',
    [data('a'), 'stray {\n "b": [\n1\n]\n}', data('c')],
  ],
  [
    'a line that begins like an error',
    'data: a\n\nerror\nevent: e\nerrors: b\ndata: c\n\n',
    [data('a'), { ...data('c'), event: 'e' }],
  ],
  ['an end in the middle of an event', 'data: a\n\ndata: b\n', [data('a')]],
  ['nothing', '', []],
]

describe.each(STREAMS)('a stream with %s', (_what, text, expected) => {
  const bytes = bytesOf(text)

  test('is read whole', () => {
    expect(read(bytes)).toEqual(expected)
  })

  test('is read byte by byte', () => {
    expect(read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  test('is read in two parts, wherever it is cut', () => {
    for (let at = 0; at <= bytes.length; at++)
      expect(read(bytes.slice(0, at), bytes.slice(at)), `cut at ${at}`).toEqual(expected)
  })

  test('is read in parts of every size, with reads of nothing between them', () => {
    for (let size = 1; size <= bytes.length; size++) {
      const count = Math.ceil(bytes.length / size)
      const parts = Array.from({ length: count }, (_, i) => bytes.slice(i * size, (i + 1) * size))
      expect(read(...parts.flatMap((part) => [part, new Uint8Array()])), `parts of ${size}`).toEqual(expected)
    }
  })
})

test('an event is told before feed returns, not with the next read', () => {
  const { sse, seen } = reader()
  sse.feed(bytesOf('data: a\n'))
  expect(seen).toEqual([])
  sse.feed(bytesOf('\n'))
  expect(seen).toEqual([data('a')])
})

test('bytes that are no UTF-8 are replaced, and the rest is read', () => {
  const broken = Uint8Array.of(...bytesOf('data: a'), 0xff, ...bytesOf('b\n\n'))
  expect(read(broken)).toEqual([data('a\ufffdb')])
})

describe('the bound', () => {
  const MESSAGE = 'An event is longer than 20 characters (maxEventBytes)'

  test.each([
    ['a line without end', ['data: ', ...Array<string>(20).fill('x')]],
    ['a line without end in one read', [`data: ${'x'.repeat(20)}`]],
    ['lines without a blank one', Array<string>(8).fill('data: xxxx\n')],
    ['a comment without end', [':', ...Array<string>(25).fill('x')]],
    ['an id without end', ['id:', ...Array<string>(25).fill('x')]],
  ])('is met by %s', (_what, parts) => {
    const { sse } = reader(20)
    const feed = () => {
      for (const part of parts) sse.feed(bytesOf(part))
    }
    expect(feed).toThrow(ProtocolError)
    expect(feed).toThrow()
    expect(() => {
      const { sse: again } = reader(20)
      for (const part of parts) again.feed(bytesOf(part))
    }).toThrow(MESSAGE)
  })

  test('is not met by many short events', () => {
    const { sse, seen } = reader(20)
    for (let i = 0; i < 1_000; i++) sse.feed(bytesOf('data: abcdefgh\n\n'))
    expect(seen).toHaveLength(1_000)
  })

  test('is not met by an event of exactly this length', () => {
    const { sse, seen } = reader(20)
    sse.feed(bytesOf(`data: ${'x'.repeat(14)}`))
    sse.feed(bytesOf('\n\n'))
    expect(seen).toEqual([data('x'.repeat(14))])
  })

  test('is not met by a line that means nothing: it is not kept', () => {
    const { sse, seen } = reader(20)
    for (let i = 0; i < 100; i++) sse.feed(bytesOf('garbage'))
    sse.feed(bytesOf('\ndata: a\n\n'))
    expect(seen).toEqual([data('a')])
  })

  test('lets through what came before it in the same read', () => {
    const { sse, seen } = reader(20)
    expect(() => sse.feed(bytesOf(`data: a\n\ndata: ${'x'.repeat(99)}`))).toThrow(MESSAGE)
    expect(seen).toEqual([data('a')])
  })

  test('counts characters, of which a byte never makes more than one', () => {
    const { sse } = reader(20)
    expect(() => sse.feed(bytesOf(`data: ${'日'.repeat(14)}`))).not.toThrow()
  })

  test('is none at 0', () => {
    const { sse, seen } = reader(0)
    sse.feed(bytesOf(`data: ${'x'.repeat(100_000)}`))
    sse.feed(bytesOf('\n\n'))
    expect(seen).toHaveLength(1)
  })

  test('is 16 MiB by default', () => {
    expect(sseLimits.maxEventBytes).toBe(16 * 1024 * 1024)
  })
})

describe.each(['\n', '\r', '\r\n'])('the last event, of lines that end in %j, without its end', (end) => {
  const DATA = '{"a":1}'
  const cutOff = (parts: readonly string[]) => {
    const { sse, seen } = reader()
    for (const part of parts) sse.feed(bytesOf(part))
    sse.end()
    return seen
  }
  test.each([
    ['an id before it is whole', `id: 12${end}data: ${DATA}`, '12'],
    ['an id after it may be half of one', `data: ${DATA}${end}id: 12`, undefined],
  ])('%s', (_sentence, body, id) => {
    const ways = Array.from(body, (_, at) => [body.slice(0, at), body.slice(at)])
    for (const parts of [...ways, [...body]])
      expect(cutOff(parts), JSON.stringify(parts)).toEqual([{ ...data(DATA), id }])
  })
})
