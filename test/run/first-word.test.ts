/** A page that was busy finds a whole answer in its first read: the first word is told before the last one is looked at. */
import { describe, expect, test, vi } from 'vitest'
import { type Answer, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'
import { DONE, finish, text as textEvent } from '../support/chat.ts'

const WORDS = 500
const words = Array.from({ length: WORDS }, (_, i) => ` w${i}`)
const text = words.join('')
const events = words.map(textEvent)

/** An answer whose body comes in one piece. */
function ask(body: string, options: Parameters<typeof stream>[1]) {
  return stream('http://first-word.test/', { json: {}, fetch: scriptedFetch({ body }), ...options })
}

describe('an answer in one read', () => {
  const whole = [...events, finish(), DONE].join('')

  test('tells its first word when a few events have been read', async () => {
    const seen: number[] = []
    const onChunk = (_text: string, { stats }: Answer) => void seen.push(stats.events)
    expect(await ask(whole, { onChunk }).text()).toBe(text)
    expect(seen[0]).toBeLessThan(WORDS / 10)
    // And the rest in one go: each part that is handed out costs as much as a read.
    expect(new Set(seen).size).toBeLessThan(6)
  })

  test('is read no further when the first word was too much', async () => {
    const onChunk = vi.fn(() => reply.cancel())
    const reply = ask(whole, { onChunk })
    const error = await reply.answer().catch((failure) => failure)
    expect(error).toMatchObject({ code: 'aborted', answer: { text: words[0] } })
    expect(error.answer.stats.events).toBeLessThan(WORDS / 10)
    expect(onChunk).toHaveBeenCalledOnce()
  })

  test('waits for whoever is told its first word', async () => {
    const order: string[] = []
    const onChunk = async (word: string) => {
      if (order.length === 0) await new Promise((done) => setTimeout(done, 5))
      order.push(word)
    }
    expect(await ask(whole, { onChunk }).text()).toBe(text)
    expect(order.join('')).toBe(text)
  })

  test('that ends in an error has been told up to there', async () => {
    const broken = [...events, 'event: error\ndata: {"message":"overloaded"}\n\n'].join('')
    const onChunk = vi.fn()
    const error = await ask(broken, { onChunk, retry: false })
      .answer()
      .catch((failure) => failure)
    expect(error).toMatchObject({ code: 'api', answer: { text } })
    expect(onChunk).toHaveBeenCalledTimes(WORDS)
  })
})
