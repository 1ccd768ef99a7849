import type { Dialect } from './dialect.ts'
import { rawReasonOf } from './reasons.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import { isRaw, type Raw, rawsIn, textOf, wordOf } from './values.ts'

/** What is new of a text; without `incremental_output` each event brings all of it. */
function newOf(text: unknown, before: unknown, isCumulative: boolean): string {
  const all = textOf(text)
  return isCumulative && all.startsWith(textOf(before)) ? all.slice(textOf(before).length) : all
}

function tableFor(isCumulative: boolean): Table {
  const result: EventMeaning = ({ output, usage, request_id: id }, tell) => {
    if (!isRaw(output)) return 'foreign'
    const [choice] = rawsIn(output.choices)
    const message: Raw = isRaw(choice?.message) ? choice.message : { content: output.text }
    const { content, reasoning_content: thought } = message
    const whole =
      wordOf(content) ??
      rawsIn(content)
        .map((part) => textOf(part.text))
        .join('')
    tell.sign({ id })
    tell.reasoning(newOf(thought, tell.memory.thought, isCumulative))
    tell.text(newOf(whole, tell.memory.text, isCumulative))
    if (isCumulative) Object.assign(tell.memory, { thought: textOf(thought), text: whole })
    for (const call of rawsIn(message.tool_calls))
      if (isRaw(call.function))
        tell.call(String(call.index ?? call.id ?? 0), { id: call.id, ...argsOf(call.function) })
    tell.usage(usage)
    const raw = rawReasonOf(choice?.finish_reason ?? output.finish_reason)
    return raw === undefined ? 'more' : tell.finish(raw)
  }
  return { name: 'dashscope', kindOf: () => 'result', kinds: { result } }
}

function argsOf({ name, arguments: args }: Raw): { readonly name: unknown; readonly args: unknown } {
  return { name, args }
}

/**
 * DashScope's own format, with `incremental_output: true`. An answer is whole with a `finish_reason` and the end of the
 * stream.
 *
 * @see https://help.aliyun.com/zh/model-studio/qwen-api-via-dashscope
 */
export const dashscope: Dialect = /* @__PURE__ */ tableDialect(/* @__PURE__ */ tableFor(false))

/** The same without `incremental_output`: each event brings all of the text so far. */
export const dashscopeCumulative: Dialect = /* @__PURE__ */ tableDialect(/* @__PURE__ */ tableFor(true))
