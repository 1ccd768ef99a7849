/** Counts as others than OpenAI and Anthropic call them; whoever reads only those need not load it. */
import type { Usage } from '../events.ts'
import { type CountNames, countsIn } from './usage.ts'
import type { Raw } from './values.ts'

const NAMES: CountNames = {
  inputTokens:
    'promptTokenCount prompt_token_count prompt_eval_count total_input_tokens tokens_evaluated input_count',
  outputTokens:
    'candidatesTokenCount candidates_token_count eval_count total_output_tokens tokens_predicted output_count generated_tokens',
  totalTokens: 'totalTokenCount total_token_count token_count',
  reasoningTokens: 'thoughtsTokenCount thoughts_token_count total_thought_tokens',
  cachedTokens: 'cachedContentTokenCount cached_content_token_count total_cached_tokens',
}

/** Counts under any of the names we know. */
export function anyCountsIn(usage: Raw, raw: unknown = usage): Usage {
  return countsIn(usage, raw, NAMES)
}
