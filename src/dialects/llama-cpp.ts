import type { Dialect } from './dialect.ts'
import { type Table, tableDialect } from './table.ts'
import { wordOf } from './values.ts'

const TABLE: Table = {
  name: 'llama-cpp',
  kindOf: ({ content, stop }) => (typeof content === 'string' || typeof stop === 'boolean' ? 'piece' : ''),
  kinds: {
    piece: (event, tell) => {
      tell.sign({ model: event.model })
      tell.text(event.content)
      if (event.stop !== true) return 'more'
      tell.usage(event, event.timings)
      // Servers of before 2025 have a flag for each reason.
      const flag = event.stopped_limit === true ? 'limit' : 'eos'
      return tell.end(wordOf(event.stop_type) === 'none' ? 'eos' : (wordOf(event.stop_type) ?? flag))
    },
  },
}

/**
 * llama.cpp's own `/completion`: `{"content":"Hel","stop":false}`. An answer is whole with `stop: true`.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 */
export const llamaCpp: Dialect = /* @__PURE__ */ tableDialect(TABLE)
