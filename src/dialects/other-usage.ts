/** Counts as others than OpenAI and Anthropic call them; whoever reads only those need not load it. */
import type { Usage } from '../events.ts'
import { type CountNames, countsIn } from './usage.ts'
import type { Raw } from './values.ts'

const NAMES: CountNames = {
  inputTokens: 'promptTokenCount prompt_eval_count total_input_tokens tokens_evaluated input_count',
  outputTokens:
    'candidatesTokenCount eval_count total_output_tokens tokens_predicted output_count generated_tokens',
  totalTokens: 'totalTokenCount token_count',
  reasoningTokens: 'thoughtsTokenCount total_thought_tokens',
  cachedTokens: 'cachedContentTokenCount total_cached_tokens',
}

/** Counts under any of the names we know. */
export function anyCountsIn(usage: Raw, raw: unknown = usage): Usage {
  return countsIn(usage, raw, NAMES)
}
