/** One `for await` over a reply: the iterator protocol, back-pressure and the end. */
import { describe, expect, test, vi } from 'vitest'
import { DeltaReader } from '../../src/answer/reader.ts'
import { AbortedError, NetworkError, type StreamFailure } from '../../src/errors/errors.ts'
import type { Delta } from '../../src/events.ts'

const text = (piece: string): Delta => ({ type: 'text', text: piece })
const [a, b, c] = [text('a'), text('b'), text('c')]
const served = (value: Delta) => ({ done: false, value })
const DONE = { done: true, value: undefined }
const failure = new NetworkError('body')

function setUp() {
  const door = { enter: vi.fn<(reader: DeltaReader) => void>(), leave: vi.fn<() => void>() }
  return { door, reader: new DeltaReader(door) }
}

/** Whether a promise has settled by now, all microtasks done. */
async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  const settled = vi.fn()
  promise?.then(settled, settled)
  await new Promise((resolve) => setImmediate(resolve))
  return settled.mock.calls.length > 0
}

describe('a reader', () => {
  test('enters with its first next(), not before and not twice', async () => {
    const { door, reader } = setUp()
    expect(door.enter).not.toHaveBeenCalled()
    void reader.next()
    void reader.next()
    expect(door.enter).toHaveBeenCalledExactlyOnceWith(reader)
  })

  test('is given what is pushed while it enters', async () => {
    const { door, reader } = setUp()
    door.enter.mockImplementation((entered) => void entered.push([a, b]))
    expect([await reader.next(), await reader.next()]).toEqual([a, b].map(served))
  })

  test('is served batch after batch, in order', async () => {
    const { reader } = setUp()
    void reader.push([a, b])
    void reader.push([c])
    expect([await reader.next(), await reader.next(), await reader.next()]).toEqual([a, b, c].map(served))
  })

  test('that is ahead waits for the next batch', async () => {
    const { reader } = setUp()
    const next = reader.next()
    expect(await isSettled(next)).toBe(false)
    void reader.push([])
    expect(await isSettled(next)).toBe(false)
    void reader.push([a])
    expect(await isSettled(next)).toBe(true)
    expect(await next).toEqual(served(a))
  })

  test('may ask several times at once, and each is answered in its turn', async () => {
    const { reader } = setUp()
    const pulls = [reader.next(), reader.next(), reader.next(), reader.next()]
    void reader.push([a, b])
    void reader.push([c])
    reader.finish(undefined)
    expect(await Promise.all(pulls)).toEqual([...[a, b, c].map(served), DONE])
  })

  test('that asks again is not answered before those who asked earlier', async () => {
    const { reader } = setUp()
    const early = [reader.next(), reader.next()]
    void reader.push([a, b, c])
    expect(await Promise.all([...early, reader.next()])).toEqual([a, b, c].map(served))
  })
})

describe('back-pressure', () => {
  test('is a promise while the reader is busy, and ends once the batch is taken', async () => {
    const { reader } = setUp()
    const wait = reader.push([a, b])
    expect(wait).toBeInstanceOf(Promise)
    await reader.next()
    expect(await isSettled(wait)).toBe(false)
    await reader.next()
    expect(await isSettled(wait)).toBe(true)
  })

  test('is none for a reader that was waiting', () => {
    const { reader } = setUp()
    void reader.next()
    expect(reader.push([a])).toBeUndefined()
    void reader.next()
    expect(reader.push([b, c])).toBeUndefined()
  })

  test('is there again when the rest of a batch was not taken', async () => {
    const { reader } = setUp()
    void reader.next()
    void reader.push([a, b])
    const wait = reader.push([c])
    expect(await isSettled(wait)).toBe(false)
    await reader.next()
    await reader.next()
    expect(await isSettled(wait)).toBe(true)
  })

  test('is none for nothing', () => {
    expect(setUp().reader.push([])).toBeUndefined()
  })

  test.each<[string, (reader: DeltaReader) => unknown]>([
    ['the end', (reader) => reader.finish(undefined)],
    ['an error', (reader) => reader.finish(failure)],
    ['an abort', (reader) => reader.finish(new AbortedError())],
    ['a break', (reader) => reader.return()],
  ])('ends with %s', async (_what, end) => {
    const { reader } = setUp()
    const wait = reader.push([a])
    end(reader)
    expect(await isSettled(wait)).toBe(true)
    expect(reader.push([b])).toBeUndefined()
  })
})

describe('the end', () => {
  test('comes after what is queued, and stays', async () => {
    const { reader } = setUp()
    void reader.push([a])
    reader.finish(undefined)
    expect([await reader.next(), await reader.next(), await reader.next()]).toEqual([served(a), DONE, DONE])
  })

  test('that is an error is thrown once, after what is queued; then it is done', async () => {
    const { reader } = setUp()
    void reader.push([a])
    reader.finish(failure)
    expect(await reader.next()).toEqual(served(a))
    await expect(reader.next()).rejects.toBe(failure)
    expect([await reader.next(), await reader.next()]).toEqual([DONE, DONE])
  })

  test('that is an abort drops the queue', async () => {
    const { reader } = setUp()
    const error = new AbortedError()
    void reader.push([a, b])
    reader.finish(error)
    await expect(reader.next()).rejects.toBe(error)
    expect(await reader.next()).toEqual(DONE)
  })

  test.each<[string, StreamFailure | undefined]>([
    ['all are done', undefined],
    ['the first is told of the error, the others are done', failure],
  ])('for several that wait: %s', async (_who, error) => {
    const { reader } = setUp()
    const pulls = [reader.next(), reader.next(), reader.next()]
    reader.finish(error)
    const ends = await Promise.allSettled(pulls)
    const done = { status: 'fulfilled', value: DONE }
    expect(ends).toEqual([error ? { status: 'rejected', reason: error } : done, done, done])
  })

  test('stays the first one', async () => {
    const { reader } = setUp()
    reader.finish(undefined)
    reader.finish(failure)
    expect(await reader.next()).toEqual(DONE)
  })

  test('is not followed by a batch that comes late', async () => {
    const { reader } = setUp()
    reader.finish(undefined)
    void reader.push([a])
    expect(await reader.next()).toEqual(DONE)
  })
})

describe('a break', () => {
  test('leaves once, drops the queue and is done', async () => {
    const { door, reader } = setUp()
    void reader.push([a, b])
    expect(await reader.next()).toEqual(served(a))
    expect(await reader.return()).toEqual(DONE)
    expect(door.leave).toHaveBeenCalledOnce()
    expect(await reader.next()).toEqual(DONE)
  })

  test('of a loop leaves, a loop that ends does not', async () => {
    const loop = async (stop: boolean) => {
      const { door, reader } = setUp()
      void reader.push([a, b])
      reader.finish(undefined)
      const seen: Delta[] = []
      for await (const delta of { [Symbol.asyncIterator]: () => reader }) {
        seen.push(delta)
        if (stop) break
      }
      return [seen.length, door.leave.mock.calls.length]
    }
    expect(await loop(true)).toEqual([1, 1])
    expect(await loop(false)).toEqual([2, 0])
  })

  test('answers those who wait', async () => {
    const { reader } = setUp()
    const pull = reader.next()
    await reader.return()
    expect(await pull).toEqual(DONE)
  })
})
