/** The reply as an object of the language: it is disposed of like one, and its iterators are iterable. */
import { describe, expect, test, vi } from 'vitest'
import { type Delta, stream } from '../src/index.ts'
import { begun, whole } from './support/chat.ts'
import { useServer } from './support/use-server.ts'

const server = useServer()

/** What `await using reply = …` does where the block ends. */
async function endOfBlock(reply: AsyncDisposable): Promise<void> {
  await reply[Symbol.asyncDispose]()
}

describe('the end of the block', () => {
  test('ends the reply and closes its socket', async () => {
    server.play(begun(['Hel'], 'HANG'))
    const onAbort = vi.fn()
    const reply = stream(server.url, { json: {}, onAbort })
    const reading = reply[Symbol.asyncIterator]()
    await reading.next()
    await endOfBlock(reply)
    expect(onAbort).toHaveBeenCalledOnce()
    await expect(reading.next()).rejects.toMatchObject({ code: 'aborted' })
    await expect(reply.answer()).rejects.toMatchObject({ code: 'aborted', answer: { text: 'Hel' } })
    await expect.poll(() => server.openSockets).toBe(0)
  })

  test('leaves a whole answer whole', async () => {
    server.play(whole('Hel', 'lo'))
    const reply = stream(server.url, { json: {} })
    await reply.answer()
    await endOfBlock(reply)
    expect(await reply.text()).toBe('Hello')
  })

  test('is not the place where a failure is thrown', async () => {
    server.play({ status: 400, steps: ['END'] })
    const reply = stream(server.url, { json: {} })
    await expect(reply.answer()).rejects.toMatchObject({ code: 'http' })
    await endOfBlock(reply)
  })
})

describe('an iterator', () => {
  test('is its own iterator', () => {
    server.play(whole('Hello'))
    const reply = stream(server.url, { json: {} })
    const reading = reply[Symbol.asyncIterator]()
    expect(reading[Symbol.asyncIterator]()).toBe(reading)
    return endOfBlock(reply)
  })

  test('that has been begun by hand is gone on with by a loop', async () => {
    server.play(whole('Hel', 'l', 'o'))
    const reply = stream(server.url, { json: {} })
    const reading = reply[Symbol.asyncIterator]()
    const { value } = await reading.next()
    expect(value).toEqual({ type: 'text', text: 'Hel' })
    const rest: Delta[] = []
    for await (const delta of reading) rest.push(delta)
    expect(textOf(rest)).toBe('lo')
    expect(rest.filter(({ type }) => type === 'finish')).toHaveLength(1)
  })

  test('ends the reply when the loop that went on with it is left', async () => {
    server.play(begun(['Hel', 'lo'], 'HANG'))
    const reply = stream(server.url, { json: {} })
    const reading = reply[Symbol.asyncIterator]()
    await reading.next()
    for await (const delta of reading) if (delta.type === 'text') break
    await expect(reply.answer()).rejects.toMatchObject({ code: 'aborted', answer: { text: 'Hello' } })
    await expect.poll(() => server.openSockets).toBe(0)
  })
})

function textOf(deltas: readonly Delta[]): string {
  return deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join('')
}
