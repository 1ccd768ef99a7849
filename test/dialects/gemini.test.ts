/** Why a Gemini answer ended. */
import { expect, test } from 'vitest'
import { gemini } from '../../src/dialects/gemini.ts'
import type { Delta } from '../../src/events.ts'

test.each([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['NO_IMAGE', 'other'],
  ['MALFORMED_FUNCTION_CALL', 'other'],
  ['A_WORD_OF_TOMORROW', 'other'],
])('finishReason %s is %s', (raw, reason) => {
  const reader = gemini.open()
  const deltas: Delta[] = []
  const candidates = [{ index: 0, content: { parts: [{ text: 'x' }] }, finishReason: raw }]
  reader.read({ data: JSON.stringify({ candidates }) }, deltas)
  reader.close?.(deltas)
  expect(deltas.at(-1)).toEqual({ type: 'finish', reason, raw })
})
