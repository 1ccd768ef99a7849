import type { Usage } from '../events.ts'
import { isRaw, type Raw } from './values.ts'

type Count = Exclude<keyof Usage, 'raw'>

/** What counts are called, with blanks between the names. */
export type CountNames = Readonly<Record<Count, string>>

/**
 * What OpenAI and Anthropic call them, and so do all who speak like them, or in camel case, as many clients for JavaScript
 * do; and where those stand that are parts of another. All of them may be called as we call them.
 */
const NAMES: readonly (readonly [Count, string, parts?: string])[] = [
  ['inputTokens', 'prompt_tokens input_tokens promptTokens'],
  ['outputTokens', 'completion_tokens output_tokens completionTokens'],
  ['totalTokens', 'total_tokens'],
  [
    'reasoningTokens',
    'reasoning_tokens',
    'completion_tokens_details output_tokens_details completionTokensDetails outputTokensDetails',
  ],
  [
    'cachedTokens',
    'cached_tokens prompt_cache_hit_tokens cache_read_input_tokens promptCacheHitTokens cacheReadInputTokens',
    'prompt_tokens_details input_tokens_details promptTokensDetails inputTokensDetails',
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
    const rooms = [...parts.split(' ').map((part) => usage[part]), usage].filter(isRaw)
    const all = `${names} ${count} ${more?.[count] ?? ''}`.split(' ')
    const found = rooms.flatMap((room) => all.map((name) => room[name]))
    const first = found.find((each) => typeof each === 'number')
    if (typeof first === 'number') counts[count] = first
  }
  return { ...counts, raw }
}
