/** One answer in every language that the README names, as short as each allows. */
import { chunk, DONE, data, said } from './wire.mjs'

/**
 * Its frames joined are the body. `isFound`: `auto` tells by itself.
 * @typedef {{ type?: string, isFound: boolean, frames: readonly string[] }} Language
 */

const [HOLD, FAST] = ['Hold ', '坚持 🌊']
export const TEXT = HOLD + FAST

/** @type {(event: string, value: object) => string} */
const named = (event, value) => `event: ${event}\n${data(value)}`
/** @type {(type: string, more?: object) => string} */
const typed = (type, more) => named(type, { type, ...more })
/** @type {(value: object) => string} */
const line = (value) => `${JSON.stringify(value)}\n`
/** @type {(...frames: readonly string[]) => Language} */
const found = (...frames) => ({ isFound: true, frames })
/** @type {(...frames: readonly string[]) => Language} */
const told = (...frames) => ({ isFound: false, frames })
/** @type {<T>(frame: (text: string) => T) => T[]} */
const both = (frame) => [HOLD, FAST].map(frame)

/** @type {(text: string, end?: string) => object} */
const candidate = (text, finishReason) => ({
  candidates: [
    { content: { parts: [{ text }], role: 'model' }, index: 0, ...(finishReason && { finishReason }) },
  ],
})
/** @type {(content: string, end: string) => string} */
const dashscope = (content, finish_reason) =>
  data({ output: { choices: [{ message: { content, role: 'assistant' }, finish_reason }] }, request_id: 'r' })
/** @type {(text: string, end?: string | null) => string} */
const completion = (text, finish_reason = null) =>
  data({ object: 'text_completion', choices: [{ index: 0, text, finish_reason }] })

/** By the name of the dialect. */
export const LANGUAGES = {
  openaiChat: found(chunk({ role: 'assistant', content: '' }), ...both(said), DONE),
  openaiResponses: found(
    typed('response.created', { response: { id: 'r', object: 'response' } }),
    ...both((delta) => typed('response.output_text.delta', { delta })),
    typed('response.completed', { response: { id: 'r', status: 'completed' } }),
  ),
  anthropic: found(
    typed('message_start', { message: { id: 'm', role: 'assistant', content: [] } }),
    typed('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...both((text) => typed('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    typed('message_delta', { delta: { stop_reason: 'end_turn' } }),
    typed('message_stop'),
  ),
  gemini: found(data(candidate(HOLD)), data(candidate(FAST, 'STOP'))),
  geminiInteractions: found(
    data({ event_type: 'interaction.created', interaction: { id: 'i', status: 'in_progress' } }),
    data({ event_type: 'step.start', index: 0, step: { type: 'model_output' } }),
    ...both((text) => data({ event_type: 'step.delta', index: 0, delta: { type: 'text', text } })),
    data({ event_type: 'interaction.completed', interaction: { id: 'i', status: 'completed' } }),
  ),
  ollama: {
    ...found(
      ...both((content) => line({ model: 'm', message: { role: 'assistant', content }, done: false })),
      line({ model: 'm', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' }),
    ),
    type: 'application/x-ndjson',
  },
  cohere: found(
    typed('message-start', { id: 'c', delta: { message: { role: 'assistant' } } }),
    ...both((text) => typed('content-delta', { index: 0, delta: { message: { content: { text } } } })),
    typed('message-end', { delta: { finish_reason: 'COMPLETE' } }),
  ),
  uiMessages: found(
    ...[data({ type: 'start' }), data({ type: 'start-step' }), data({ type: 'text-start', id: '0' })],
    ...both((delta) => data({ type: 'text-delta', id: '0', delta })),
    ...[data({ type: 'text-end', id: '0' }), data({ type: 'finish-step' }), data({ type: 'finish' })],
    'data: [DONE]\n\n',
  ),
  agui: found(
    data({ type: 'RUN_STARTED', threadId: 't', runId: 'r' }),
    data({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' }),
    ...both((delta) => data({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta })),
    data({ type: 'TEXT_MESSAGE_END', messageId: 'a' }),
    data({ type: 'RUN_FINISHED', threadId: 't', runId: 'r' }),
  ),
  langgraph: found(
    named('metadata', { run_id: 'r', attempt: 1 }),
    ...both((content) => named('messages', [{ type: 'AIMessageChunk', id: 'm', content }, {}])),
    named('end', {}),
  ),
  dify: found(
    ...both((answer) => data({ event: 'message', task_id: 't', message_id: 'm', answer })),
    data({ event: 'message_end', task_id: 't', metadata: {} }),
  ),
  coze: found(
    named('conversation.chat.created', { id: 'c', status: 'created' }),
    ...both((content) =>
      named('conversation.message.delta', { id: 'm', role: 'assistant', type: 'answer', content }),
    ),
    named('conversation.chat.completed', { id: 'c', status: 'completed' }),
  ),
  dashscope: found(dashscope(HOLD, 'null'), dashscope(FAST, 'null'), dashscope('', 'stop')),
  dashscopeCumulative: told(dashscope(HOLD, 'null'), dashscope(TEXT, 'null'), dashscope(TEXT, 'stop')),
  completions: found(completion(HOLD), completion(FAST), completion('', 'stop'), 'data: [DONE]\n\n'),
  llamaCpp: found(
    ...both((content) => data({ index: 0, content, stop: false })),
    data({ index: 0, content: '', stop: true, stop_type: 'eos' }),
  ),
  tgi: told(
    data({ token: { id: 1, text: HOLD, special: false }, generated_text: null }),
    data({
      token: { id: 2, text: FAST, special: false },
      generated_text: TEXT,
      details: { finish_reason: 'eos_token' },
    }),
  ),
  jsonEvents: found(...both((text) => data({ text })), data({ done: true })),
  jsonStrings: found(...both((text) => `data: ${JSON.stringify(text)}\n\n`), 'data: [DONE]\n\n'),
  plain: found(...both((text) => `data: ${text}\n\n`), 'event: done\ndata: \n\n'),
}
