/** Deltas in a word. */
import type { Delta, Usage } from '../../src/events.ts'

export const text = (piece: string): Delta => ({ type: 'text', text: piece })
export const reasoning = (piece: string): Delta => ({ type: 'reasoning', text: piece })
export const call = (index: number, piece: string, id = '', name = ''): Delta => ({
  type: 'tool-call',
  ...{ index, id, name, arguments: piece },
})
export const rewind = (keep: number, keepReasoning = 0): Delta => ({
  type: 'rewind',
  ...{ text: keep, reasoning: keepReasoning },
})
export const spent: Usage = { inputTokens: 3, raw: {} }
export const usage: Delta = { type: 'usage', usage: spent }
export const finish: Delta = { type: 'finish', reason: 'stop', raw: 'stop' }
