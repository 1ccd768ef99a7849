import type { Dialect } from './dialect.ts'
import { rawReasonOf } from './reasons.ts'
import { type Table, tableDialect } from './table.ts'
import { indexOf, rawsIn } from './values.ts'

const TABLE: Table = {
  name: 'completions',
  kindOf: ({ choices }) => (Array.isArray(choices) ? 'choices' : ''),
  kinds: {
    choices: ({ id, model, choices, usage }, tell) => {
      tell.sign({ id, model })
      for (const choice of rawsIn(choices)) {
        if (indexOf(choice.index) !== 0) continue
        tell.text(choice.text)
        const raw = rawReasonOf(choice.finish_reason ?? choice.finishReason)
        if (raw) tell.finish(raw)
        if (tell.failure) return tell.failure
      }
      tell.usage(usage)
      return 'more'
    },
  },
  done: (tell) => tell.end(),
}

/**
 * OpenAI's legacy completions, which vLLM, llama.cpp and others still serve: the text is in `choices[0].text`.
 *
 * @see https://platform.openai.com/docs/api-reference/completions
 */
export const completions: Dialect = /* @__PURE__ */ tableDialect(TABLE)
