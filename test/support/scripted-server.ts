/** A model's answer as four providers would stream it, and bodies that are cut anywhere and break off; no sockets. */
import { anthropic, type Dialect, gemini, openaiChat, openaiResponses } from '../../src/index.ts'
import type { Shown } from './screen.ts'

export type Language = 'openai-chat' | 'anthropic' | 'gemini' | 'openai-responses'

export const dialects: Readonly<Record<Language, Dialect>> = {
  'openai-chat': openaiChat,
  anthropic,
  gemini,
  'openai-responses': openaiResponses,
}

/** What a model says, in the pieces it says it in; a call is the JSON text of its arguments. */
export interface Script {
  readonly reasoning: readonly string[]
  readonly text: readonly string[]
  readonly calls: readonly string[]
}

/** What a caller has to see of it in the end. */
export function wholeOf({ reasoning, text, calls }: Script): Shown {
  const made = calls.map((json, n) => ({ id: `call-${n}`, name: 'f', arguments: json }))
  return { reasoning: reasoning.join(''), text: text.join(''), calls: made }
}

/** The events of an answer: usage first where the provider can, reasoning, text, calls. */
export function eventsOf(language: Language, script: Script, completion: string): readonly string[] {
  return SPOKEN[language](script, completion).map((data) => {
    if (typeof data === 'string') return `data: ${data}\n\n`
    return `${'type' in data ? `event: ${data.type}\n` : ''}data: ${JSON.stringify(data)}\n\n`
  })
}

/** An error under way, which all four understand. */
export const OVERLOADED: string = `data: ${JSON.stringify({
  type: 'error',
  error: { type: 'overloaded_error', message: 'Overloaded' },
})}\n\n`

export interface BodyOptions {
  /** Whether it ends with an error of the connection. */
  readonly breaks: boolean
  /** The sizes of the pieces it comes in, over and over. */
  readonly sizes: readonly number[]
  /** Waited for before each piece. */
  readonly pause?: (() => Promise<unknown>) | undefined
}

export function bodyOf(bytes: Uint8Array, { breaks, sizes, pause }: BodyOptions): ReadableStream {
  let at = 0
  let turn = 0
  return new ReadableStream(
    {
      async pull(controller) {
        await pause?.()
        const size = sizes[turn++ % sizes.length] ?? 1
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + size))
        else if (breaks) controller.error(new TypeError('terminated'))
        else controller.close()
        at += size
      },
    },
    { highWaterMark: 0 },
  )
}

const SPOKEN: Readonly<
  Record<Language, (script: Script, completion: string) => readonly (object | string)[]>
> = {
  'openai-chat'({ reasoning, text, calls }, id) {
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...{ id, model: 'm' },
      choices: [{ index: 0, delta, finish_reason }],
    })
    const call = (index: number, more: object) => chunk({ tool_calls: [{ index, ...more }] })
    return [
      { id, model: 'm', choices: [], usage: { prompt_tokens: 9, completion_tokens: 0 } },
      ...reasoning.map((reasoning_content) => chunk({ reasoning_content })),
      ...text.map((content) => chunk({ content })),
      ...calls.flatMap((json, n) => [
        call(n, { id: `call-${n}`, function: { name: 'f', arguments: '' } }),
        ...halves(json).map((half) => call(n, { function: { arguments: half } })),
      ]),
      chunk({}, calls.length > 0 ? 'tool_calls' : 'stop'),
      '[DONE]',
    ]
  },
  anthropic({ reasoning, text, calls }, id) {
    const usage = { input_tokens: 9, output_tokens: 1 }
    const start = (index: number, content_block: object) => ({
      ...{ type: 'content_block_start', index, content_block },
    })
    const go = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta })
    return [
      { type: 'message_start', message: { id, model: 'm', usage } },
      ...reasoning.map((thinking) => go(0, { type: 'thinking_delta', thinking })),
      ...text.map((piece) => go(1, { type: 'text_delta', text: piece })),
      ...calls.flatMap((json, n) => [
        start(n + 2, { type: 'tool_use', id: `call-${n}`, name: 'f', input: {} }),
        ...halves(json).map((half) => go(n + 2, { type: 'input_json_delta', partial_json: half })),
      ]),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
      { type: 'message_stop' },
    ]
  },
  gemini({ reasoning, text, calls }, responseId) {
    const frame = (part: object, more: object = {}) => ({
      ...{ responseId, modelVersion: 'm', usageMetadata: { promptTokenCount: 9 } },
      candidates: [{ content: { parts: [part] }, ...more }],
    })
    return [
      { ...frame({}), candidates: [] },
      ...reasoning.map((piece) => frame({ text: piece, thought: true })),
      ...text.map((piece) => frame({ text: piece })),
      ...calls.map((json, n) =>
        frame({ functionCall: { id: `call-${n}`, name: 'f', args: JSON.parse(json) } }),
      ),
      frame({ text: '' }, { finishReason: 'STOP' }),
    ]
  },
  'openai-responses'({ reasoning, text, calls }, id) {
    const events = [
      { type: 'response.created', response: { id, model: 'm', status: 'in_progress' } },
      ...reasoning.map((delta) => ({ type: 'response.reasoning_text.delta', delta })),
      ...text.map((delta) => ({ type: 'response.output_text.delta', delta })),
      ...calls.flatMap((json, n) => [
        {
          ...{ type: 'response.output_item.added', output_index: n },
          item: { type: 'function_call', call_id: `call-${n}`, name: 'f', arguments: '' },
        },
        ...halves(json).map((delta) => ({
          ...{ type: 'response.function_call_arguments.delta', output_index: n, delta },
        })),
      ]),
      { type: 'response.completed', response: { id, status: 'completed', usage: { input_tokens: 9 } } },
    ]
    return events.map((event, sequence_number) => ({ ...event, sequence_number }))
  },
}

function halves(json: string): readonly string[] {
  return [json.slice(0, json.length >> 1), json.slice(json.length >> 1)]
}
