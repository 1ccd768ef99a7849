/** A page and a relay: nothing is set up in the page, and nothing is lost. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Delta, isStreamError, stream } from '../../src/index.ts'
import { startCuttingProxy } from '../support/cutting-proxy.ts'
import { PATIENCE_MS, runs } from '../support/properties.ts'
import { closing, QUESTION, startRelay } from '../support/relay.ts'

const WORDS = Array.from({ length: 40 }, (_, at) => `wörd ${at} `)
const TEXT = WORDS.join('')

/** The relay behind a proxy that cuts. */
async function behindCuts(after: readonly number[], everyMs = 2) {
  const stage = await startRelay({
    async script(turn) {
      for (const word of WORDS) {
        turn.say(word)
        await new Promise((resolve) => setTimeout(resolve, everyMs))
      }
      turn.finish()
    },
  })
  const proxy = closing(await startCuttingProxy(stage.url, after), (each) => each.close())
  return { ...stage, proxy }
}

// Headers, the first comment, and an event or two.
const BEGINNING = 2700
// Of the first response: up to the id that stands before all events.
const FIRST = 2450

describe('an answer by way of a relay', () => {
  test(
    'whose connection is cut ten times arrives whole: asked once, nothing taken back',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(2500), { minLength: 10, maxLength: 10 }), async (bytes) => {
          // The first cut comes after the headers: whoever has not been told an address can only ask anew.
          const { proxy, model } = await behindCuts([
            FIRST + (bytes[0] ?? 0),
            ...bytes.slice(1).map((each) => BEGINNING + each),
          ])
          const deltas: Delta[] = []
          const reply = stream(proxy.url, {
            json: QUESTION,
            retry: { baseMs: 1 },
            onDelta: (delta) => void deltas.push(delta),
          })
          expect(await reply.text()).toBe(TEXT)
          expect(deltas.filter(({ type }) => type === 'rewind')).toEqual([])
          expect(model.turns.length).toBe(1)
        }),
        runs(6),
      )
    },
    PATIENCE_MS,
  )

  test('that breaks before its first event is not asked for again', async () => {
    const { proxy, model } = await behindCuts([FIRST], 30)
    const reply = stream(proxy.url, { json: QUESTION, retry: { baseMs: 1 } })
    expect(await reply.text()).toBe(TEXT)
    expect([model.turns.length, proxy.cuts()]).toEqual([1, 1])
  })

  test.each([0, 1, 2])('is read on by %d readers beside the callbacks, one of them late', async (count) => {
    const { proxy, model } = await behindCuts([BEGINNING + 700, BEGINNING + 500, BEGINNING + 300])
    const reply = stream(proxy.url, { json: QUESTION, retry: { baseMs: 1 }, onChunk: () => {} })
    const read = async (lateMs: number) => {
      await new Promise((resolve) => setTimeout(resolve, lateMs))
      let text = ''
      for await (const delta of reply) if (delta.type === 'text') text += delta.text
      return text
    }
    const texts = await Promise.all([
      reply.text(),
      ...Array.from({ length: count }, (_, at) => read(40 * at)),
    ])
    expect(new Set(texts)).toEqual(new Set([TEXT]))
    expect([model.turns.length, proxy.cuts()]).toEqual([1, 3])
  })

  test('goes on in a page that was loaded anew, from an address', async () => {
    const { url, model } = await behindCuts([], 5)
    const first = stream(url, { json: QUESTION })
    for await (const delta of first) if (delta.type === 'text') break
    const kept = JSON.stringify(first.checkpoint() ?? null)
    expect(kept.length).toBeLessThan(200)
    expect(kept).not.toContain('wörd')
    const second = stream(url, { from: JSON.parse(kept) })
    expect(await second.text()).toBe(TEXT)
    expect(model.turns.length).toBe(1)
  })

  test('is shown in a second tab by its address', async () => {
    const { ask, at, model } = await behindCuts([])
    const asked = await ask()
    expect(await stream(at(asked)).text()).toBe(TEXT)
    expect(await stream(at(asked)).text()).toBe(TEXT)
    expect(model.turns.length).toBe(1)
    await asked.text()
  })

  test('is stopped by stop() in a second tab, too', async () => {
    const { ask, at, model } = await behindCuts([], 20)
    const asked = await ask()
    const reply = stream(at(asked))
    for await (const delta of reply) if (delta.type === 'text') break
    reply.stop()
    await model.turns[0]?.closed
    expect(await asked.text()).toContain('"code":"stopped"')
  })

  test('is stopped at the provider by stop()', async () => {
    const { url, model } = await behindCuts([], 20)
    const reply = stream(url, { json: QUESTION })
    for await (const delta of reply) {
      if (delta.type !== 'text') continue
      reply.stop()
      break
    }
    await model.turns[0]?.closed
    await expect(reply.answer()).rejects.toMatchObject({ code: 'aborted' })
  })

  test('that has failed is not asked for again: the relay has tried', async () => {
    let asked = 0
    const { url, model } = await startRelay({
      script: (turn) => {
        asked++
        turn.say('Hel').end()
      },
    })
    const error = await stream(url, { json: QUESTION, recovery: 'replay', retry: { baseMs: 1 } })
      .answer()
      .catch((thrown) => thrown)
    expect(isStreamError(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'api',
      providerCode: 'truncated',
      retryable: false,
      answer: { text: 'Hel' },
    })
    expect([asked, model.turns.length]).toEqual([1, 1])
  })

  test('that somebody else has stopped says so, once', async () => {
    const { ask, at, model } = await startRelay()
    const asked = await ask()
    const reply = stream(at(asked))
    ;(await model.turn(0)).say('Hel')
    for await (const delta of reply) {
      expect(delta).toEqual({ type: 'text', text: 'Hel' })
      await fetch(at(asked), { method: 'DELETE' })
      break
    }
    const second = stream(at(asked))
    await expect(second.answer()).rejects.toMatchObject({
      ...{ code: 'api', providerCode: 'stopped', retryable: false, answer: { text: 'Hel' } },
    })
    expect(await asked.text()).toContain('"code":"stopped"')
    expect(model.turns.length).toBe(1)
  })
})
