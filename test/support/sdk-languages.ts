/** One answer in the languages that the SDKs read. */

export interface SdkLanguage {
  readonly headers?: Readonly<Record<string, string>>
  /** What comes before the text. */
  readonly head: readonly string[]
  text(piece: string): string
  /** What comes after it, to the end. */
  readonly tail: readonly string[]
  /** Whether the end of an answer is that of the file: more may follow before. */
  readonly endsWithFile?: boolean
  /** An overloaded provider says so in the stream. */
  readonly error: string
}

const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`
const named = (value: { readonly type: string }) => `event: ${value.type}\n${data(value)}`

const chunk = (delta: object, finish_reason: string | null = null) =>
  data({
    ...{ id: 'c1', object: 'chat.completion.chunk', created: 1_778_031_210, model: 'm' },
    choices: [{ index: 0, delta, finish_reason }],
  })

export const completions: SdkLanguage = {
  head: [chunk({ role: 'assistant', content: '' })],
  text: (content) => chunk({ content }),
  tail: [chunk({}, 'stop'), 'data: [DONE]\n\n'],
  error: data({ error: { message: 'Overloaded', type: 'server_error', code: null } }),
}

const usage = { input_tokens: 9, output_tokens: 1 }
const message = {
  ...{ id: 'm1', type: 'message', role: 'assistant', model: 'm', content: [], usage },
  ...{ stop_reason: null, stop_sequence: null },
}

export const messages: SdkLanguage = {
  head: [
    named({ type: 'message_start', message } as never),
    named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never),
  ],
  text: (text) =>
    named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } } as never),
  tail: [
    named({ type: 'content_block_stop', index: 0 } as never),
    named({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage } as never),
    named({ type: 'message_stop' }),
  ],
  error: named({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as never),
}

export const uiMessages: SdkLanguage = {
  headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
  head: [data({ type: 'start' }), data({ type: 'start-step' }), data({ type: 'text-start', id: '0' })],
  text: (delta) => data({ type: 'text-delta', id: '0', delta }),
  tail: [
    ...[data({ type: 'text-end', id: '0' }), data({ type: 'finish-step' }), data({ type: 'finish' })],
    'data: [DONE]\n\n',
  ],
  error: data({ type: 'error', errorText: 'Overloaded' }),
}

const run = { threadId: 't', runId: 'r' }

export const agui: SdkLanguage = {
  endsWithFile: true,
  head: [
    data({ type: 'RUN_STARTED', ...run }),
    data({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' }),
  ],
  text: (delta) => data({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta }),
  tail: [data({ type: 'TEXT_MESSAGE_END', messageId: 'a' }), data({ type: 'RUN_FINISHED', ...run })],
  error: data({ type: 'RUN_ERROR', message: 'Overloaded', code: 'overloaded_error' }),
}
