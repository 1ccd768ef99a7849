import type { Usage } from '../events.ts'
import { isRaw, type Raw } from './values.ts'

type Count = Exclude<keyof Usage, 'raw'>

/** What providers call their counts, and where those stand that are parts of another. */
const NAMES: readonly (readonly [Count, string, parts?: string])[] = [
  [
    'inputTokens',
    'prompt_tokens input_tokens inputTokens promptTokenCount prompt_eval_count total_input_tokens tokens_evaluated input_count',
  ],
  [
    'outputTokens',
    'completion_tokens output_tokens outputTokens candidatesTokenCount eval_count total_output_tokens tokens_predicted output_count generated_tokens',
  ],
  ['totalTokens', 'total_tokens totalTokens totalTokenCount token_count'],
  [
    'reasoningTokens',
    'reasoning_tokens thoughtsTokenCount total_thought_tokens',
    'completion_tokens_details output_tokens_details',
  ],
  [
    'cachedTokens',
    'cached_tokens prompt_cache_hit_tokens cache_read_input_tokens cachedContentTokenCount total_cached_tokens',
    'prompt_tokens_details input_tokens_details',
  ],
]

/** Counts as reported: what is no number is left out, never invented. */
export function countsIn(usage: Raw, raw: unknown = usage): Usage {
  const counts: { -readonly [K in Count]?: number } = {}
  for (const [count, names, parts = ''] of NAMES) {
    const rooms = [...parts.split(' ').map((part) => usage[part]), usage].filter(isRaw)
    const found = rooms.flatMap((room) => names.split(' ').map((name) => room[name]))
    const first = found.find((each) => typeof each === 'number')
    if (typeof first === 'number') counts[count] = first
  }
  return { ...counts, raw }
}
