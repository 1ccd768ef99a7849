import type { Usage } from '../events.ts'
import { isRaw, type Raw } from './values.ts'

type Count = Exclude<keyof Usage, 'raw'>

/** What counts are called, with blanks between the names. */
export type CountNames = Readonly<Record<Count, string>>

/** What OpenAI and Anthropic call them, and so do all who speak like them, or in camel case; and where those stand that are parts of another. */
const NAMES: readonly (readonly [Count, string, parts?: string])[] = [
  ['inputTokens', 'prompt_tokens input_tokens'],
  ['outputTokens', 'completion_tokens output_tokens'],
  ['totalTokens', 'total_tokens'],
  ['reasoningTokens', 'reasoning_tokens', 'completion_tokens_details output_tokens_details'],
  [
    'cachedTokens',
    'cached_tokens prompt_cache_hit_tokens cache_read_input_tokens',
    'prompt_tokens_details input_tokens_details',
  ],
]

/**
 * Counts as reported: what is no number is left out, never invented.
 *
 * @param more - what they may be called besides.
 */
export function countsIn(usage: Raw, raw: unknown = usage, more?: CountNames): Usage {
  const counts: { -readonly [K in Count]?: number } = {}
  for (const [count, names, parts = ''] of NAMES) {
    const rooms = [...spelled(parts).map((part) => usage[part]), usage].filter(isRaw)
    const all = spelled(`${names} ${more?.[count] ?? ''}`)
    const found = rooms.flatMap((room) => all.map((name) => room[name]))
    const first = found.find((each) => typeof each === 'number')
    if (typeof first === 'number') counts[count] = first
  }
  return { ...counts, raw }
}

/** Names as they are, and in camel case, as many clients for JavaScript spell them. */
function spelled(names: string): readonly string[] {
  return `${names} ${names.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}`.split(' ')
}
