/** How each language is told by an event: by a sign that no other one gives. */
import type { ServerEvent } from '../events.ts'
import { agui, isAgui } from './agui.ts'
import { anthropic } from './anthropic.ts'
import { cohere } from './cohere.ts'
import { completions } from './completions.ts'
import { coze } from './coze.ts'
import { dashscope } from './dashscope.ts'
import type { Dialect } from './dialect.ts'
import { dify } from './dify.ts'
import { gemini } from './gemini.ts'
import { geminiInteractions } from './gemini-interactions.ts'
import { jsonEvents, jsonStrings } from './json-events.ts'
import { isLangGraphList, langgraph } from './langgraph.ts'
import { llamaCpp } from './llama-cpp.ts'
import { ollama } from './ollama.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import { plain } from './plain.ts'
import { text } from './text.ts'
import { uiMessages } from './ui-messages.ts'
import { isRaw, type Raw, rawsIn, textOf, valueIn } from './values.ts'

type Sign = (object: Raw, type: string, sent: ServerEvent) => boolean

const SIGNS: readonly (readonly [Dialect, Sign])[] = [
  [completions, ({ choices, object }) => object === 'text_completion' || isCompletion(rawsIn(choices)[0])],
  [
    openaiChat,
    // Qianfan's first API calls itself so, and has its text in `result`.
    ({ choices, object, result }) =>
      isChat(choices) || (textOf(object).startsWith('chat.completion') && result === undefined),
  ],
  [
    openaiResponses,
    ({ object, event_id: id }, type) =>
      object === 'response' || (type.startsWith('response.') && id === undefined),
  ],
  [anthropic, isAnthropic],
  [
    gemini,
    ({ candidates, promptFeedback, prompt_feedback: feedback = promptFeedback, usageMetadata }) =>
      Array.isArray(candidates) || isRaw(feedback) || isRaw(usageMetadata),
  ],
  [
    ollama,
    ({ done, message, response, model }) =>
      typeof done === 'boolean' &&
      (isRaw(message) || (typeof response === 'string' && typeof model === 'string')),
  ],
  [
    uiMessages,
    (_, type) => /^((text|reasoning)-(start|delta)|(start|finish|reset)-step|tool-input-\w+)$/.test(type),
  ],
  [agui, (_, type) => isAgui(type)],
  [
    cohere,
    ({ delta }, type) =>
      /^(message|content|tool-plan|tool-call)-(start|delta|end)$/.test(type) && isRaw(delta),
  ],
  [geminiInteractions, ({ event_type: kind }) => /^(interaction|step|content)\./.test(textOf(kind))],
  [
    dify,
    ({ event, task_id: task, answer, message_id: id }) =>
      typeof event === 'string' &&
      (typeof task === 'string' || (typeof answer === 'string' && typeof id === 'string')),
  ],
  [coze, (_, _type, { event = '' }) => event.startsWith('conversation.')],
  [dashscope, ({ output, request_id: id }) => isRaw(output) && typeof id === 'string'],
  [
    langgraph,
    ({ run_id: id, messages }, _type, { event = '' }) =>
      (event === 'metadata' && typeof id === 'string') || (event === 'values' && Array.isArray(messages)),
  ],
  [llamaCpp, ({ content, stop }) => typeof content === 'string' && typeof stop === 'boolean'],
]

function isCompletion(choice: Raw | undefined): boolean {
  return typeof choice?.text === 'string' && !('delta' in choice) && !('message' in choice)
}

function isChat(choices: unknown): boolean {
  if (!Array.isArray(choices)) return false
  const [first] = rawsIn(choices)
  return first === undefined || 'delta' in first || 'message' in first || 'finish_reason' in first
}

function isAnthropic({ message, delta, content, role }: Raw, type: string): boolean {
  switch (type) {
    case 'message_start':
      return isRaw(message)
    case 'message_delta':
      return isRaw(delta)
    case 'message':
      return Array.isArray(content) && (role === 'assistant' || typeof rawsIn(content)[0]?.type === 'string')
    default:
      return type.startsWith('content_block_')
  }
}

/** The language of an event; `undefined` if it gives no sign. */
export function spokenIn(object: Raw | undefined, sent: ServerEvent): Dialect | undefined {
  if (!object) {
    const list = sent.event && sent.data.startsWith('[') ? valueIn(sent.data) : undefined
    return Array.isArray(list) && isLangGraphList(list, sent.event ?? '') ? langgraph : undefined
  }
  const type = textOf(object.type)
  return SIGNS.find(([, isSpoken]) => isSpoken(object, type, sent))?.[0]
}

/** One of those that `auto` may find. */
export function spokenByName(name: unknown): Dialect | undefined {
  const all = [...SIGNS.map(([dialect]) => dialect), plain, text, jsonEvents, jsonStrings]
  return all.find((dialect) => dialect.name === name)
}
