/** What a server takes back in the same packet in which it said it: nobody is left with both. */
import { expect, test } from 'vitest'
import { type StreamFailure, stream } from '../../src/index.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

const events = [
  { type: 'start-step' },
  { type: 'text-delta', delta: 'Hel' },
  { type: 'reset-step' },
  { type: 'text-delta', delta: 'Bye' },
  { type: 'finish', finishReason: 'stop' },
]
const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
const begin = (pieceBytes: number | undefined, callbacks: object) =>
  stream('https://provider.invalid', { fetch: scriptedFetch({ body, pieceBytes }), json: {}, ...callbacks })

/** What somebody shows who is told, and, if he listens to it, what is taken back. */
function page() {
  const shown = {
    text: '',
    onChunk: (piece: string) => {
      shown.text += piece
    },
    onRewind: (rewind: { readonly text: number }) => {
      shown.text = shown.text.slice(0, rewind.text)
    },
  }
  return shown
}

test.each([undefined, 1, 40])(
  'whoever cannot take text back has an error, %s bytes a packet',
  async (bytes) => {
    const shown = page()
    const error = await begin(bytes, { onChunk: shown.onChunk })
      .answer()
      .catch((reason: StreamFailure) => reason)
    expect([shown.text, error]).toMatchObject(['Hel', { code: 'protocol', answer: { text: 'Hel' } }])
    let read = ''
    const reading = (async () => {
      for await (const delta of begin(bytes, {}))
        read += delta.type === 'text' ? delta.text : `(${delta.type})`
    })()
    await expect(reading).rejects.toMatchObject({ code: 'protocol' })
    expect(read).toBe('Hel')
  },
)

test.each([undefined, 1, 40])(
  'whoever can, and whoever waits, has the rest, %s bytes a packet',
  async (bytes) => {
    const shown = page()
    const { onChunk, onRewind } = shown
    expect(await begin(bytes, { onChunk, onRewind }).text()).toBe('Bye')
    expect(shown.text).toBe('Bye')
    expect(await begin(bytes, {}).text()).toBe('Bye')
  },
)
