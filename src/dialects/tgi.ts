import type { Dialect } from './dialect.ts'
import { type Table, tableDialect } from './table.ts'
import { isRaw, wordOf } from './values.ts'

const TABLE: Table = {
  name: 'tgi',
  kindOf: ({ token, generated_text: whole }) =>
    isRaw(token) ? 'token' : typeof whole === 'string' ? 'whole' : '',
  kinds: {
    token: ({ token, generated_text: whole, details }, tell) => {
      // A special token, as the one that ends the answer, is no text.
      if (isRaw(token) && token.special !== true) tell.text(token.text)
      if (typeof whole !== 'string') return 'more'
      tell.usage(details)
      return tell.end(isRaw(details) ? wordOf(details.finish_reason) : undefined, true)
    },
    whole: ({ generated_text: whole }, tell) => {
      tell.text(whole)
      return tell.end(undefined, true)
    },
  },
}

/**
 * Hugging Face's text-generation-inference, `/generate_stream`. An answer is whole with the token that brings
 * `generated_text`.
 *
 * @see https://huggingface.github.io/text-generation-inference/
 */
export const tgi: Dialect = /* @__PURE__ */ tableDialect(TABLE)
