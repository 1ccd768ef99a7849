/** What each recording says, whoever reads it. */
import type { Answer, Dialect, StreamFailure } from '../../src/index.ts'
import { anthropic, gemini, ollama, openaiChat, openaiResponses } from '../../src/index.ts'

export interface Recording {
  readonly file: string
  /** Who speaks; `auto` has to find it out. */
  readonly dialect: Dialect
  readonly says: Partial<Omit<Answer, 'usage' | 'stats'>> & { readonly usage?: object | undefined }
  /** For a stream that ends with an error of the provider's. */
  readonly error?: { readonly message: string } & Partial<Pick<StreamFailure, 'retryable'>> & object
}

const call = (index: number, id: string, name: string, json: string) => ({ index, id, name, arguments: json })
const gpt = { id: 'chatcmpl-D', model: 'gpt-4o-mini-2024-07-18' }
const claude = { id: 'msg_0', model: 'claude-haiku-4-5-20251001' }
const flash = { id: '6yPuac', model: 'gemini-2.5-flash' }
const resp = { id: 'resp_0', model: 'gpt-5.5' }
const [chat, responses] = [openaiChat, openaiResponses]
const flashUsage = { inputTokens: 11, outputTokens: 2, totalTokens: 29, reasoningTokens: 16 }

export const RECORDINGS: readonly Recording[] = [
  {
    ...{ file: 'openai-chat.sse', dialect: chat },
    says: {
      ...{ ...gpt, text: 'Hello 👋🏽', finishReason: 'stop', rawFinishReason: 'stop' },
      usage: { inputTokens: 22, outputTokens: 2, totalTokens: 24, reasoningTokens: 0 },
    },
  },
  {
    ...{ file: 'openai-chat-tools.sse', dialect: chat },
    says: {
      ...{ ...gpt, finishReason: 'tool-calls', rawFinishReason: 'tool_calls' },
      toolCalls: [call(0, 'call_1', 'get_weather', '{"city":"Köln"}'), call(1, 'call_2', 'get_time', '{}')],
    },
  },
  {
    ...{ file: 'openai-chat-refusal.sse', dialect: chat },
    says: {
      ...gpt,
      text: "I can't help with that.",
      finishReason: 'content-filter',
      rawFinishReason: 'stop',
    },
  },
  {
    ...{ file: 'openai-chat-error.sse', dialect: chat, says: { ...gpt, text: 'Hel' } },
    error: {
      message: 'The server had an error while processing your request. Sorry about that!',
      retryable: true,
    },
  },
  {
    ...{ file: 'openai-chat-whole.json', dialect: chat },
    says: {
      ...{
        id: 'chatcmpl-W',
        model: 'gpt-4o-mini',
        text: 'Hello "you" } {',
        finishReason: 'stop',
        rawFinishReason: 'stop',
      },
      usage: { inputTokens: 9, outputTokens: 3, totalTokens: 12 },
    },
  },
  {
    ...{ file: 'openai-chat-choices.sse', dialect: chat },
    says: { id: 'c', model: 'm', text: 'A', finishReason: 'stop', rawFinishReason: 'stop' },
  },
  {
    ...{ file: 'azure.sse', dialect: chat },
    says: { id: 'chatcmpl-A', model: 'gpt-4o', text: 'Hi', finishReason: 'stop', rawFinishReason: 'stop' },
  },
  {
    ...{ file: 'deepseek.sse', dialect: chat },
    says: {
      ...{
        id: 'ds',
        model: 'deepseek-reasoner',
        text: 'Hi',
        reasoning: 'Think',
        finishReason: 'stop',
        rawFinishReason: 'stop',
      },
      usage: { inputTokens: 14, outputTokens: 2, totalTokens: 16, cachedTokens: 4 },
    },
  },
  {
    ...{ file: 'xai.sse', dialect: chat },
    says: {
      id: 'x',
      model: 'grok-4',
      text: 'Hi',
      reasoning: 'First',
      finishReason: 'stop',
      rawFinishReason: 'stop',
    },
  },
  {
    ...{ file: 'openrouter.sse', dialect: chat },
    says: {
      ...{
        id: 'gen-1',
        model: 'openai/gpt-4o',
        text: 'Hi',
        reasoning: 'Hm',
        finishReason: 'stop',
        rawFinishReason: 'stop',
      },
      usage: { inputTokens: 5, outputTokens: 1, totalTokens: 6 },
    },
  },
  {
    ...{ file: 'openrouter-error.sse', dialect: chat, says: { text: 'Hel' } },
    error: { message: 'Provider disconnected unexpectedly', retryable: true },
  },
  {
    ...{ file: 'groq.sse', dialect: chat },
    says: {
      ...{ id: 'g', model: 'llama', text: 'Hi', finishReason: 'stop', rawFinishReason: 'stop' },
      usage: { inputTokens: 8, outputTokens: 2, totalTokens: 10 },
    },
  },
  {
    ...{ file: 'mistral.sse', dialect: chat },
    says: {
      ...{
        id: 'mi',
        model: 'magistral',
        text: 'Bonjour',
        reasoning: 'Hm',
        finishReason: 'stop',
        rawFinishReason: 'stop',
      },
      usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    },
  },
  {
    ...{ file: 'vllm-error.sse', dialect: chat, says: {} },
    error: { message: 'EngineCore died', retryable: true },
  },
  {
    ...{ file: 'llama-cpp-error.sse', dialect: chat, says: {} },
    error: { message: 'the request exceeds the available context size', retryable: false },
  },
  {
    ...{ file: 'lemonade-error.sse', dialect: chat, says: {} },
    error: { message: 'Model failed to load', retryable: true },
  },
  {
    ...{ file: 'zai-glued.sse', dialect: chat },
    says: { id: 'z', model: 'glm', text: 'AB', finishReason: 'stop', rawFinishReason: 'stop' },
  },
  {
    ...{ file: 'unterminated.sse', dialect: chat },
    says: { ...gpt, text: 'Hi', finishReason: 'stop', rawFinishReason: 'stop' },
  },
  {
    ...{ file: 'openai-responses.sse', dialect: responses },
    says: {
      ...{ ...resp, text: 'Hello!', reasoning: 'Greet', finishReason: 'stop', rawFinishReason: 'completed' },
      usage: { inputTokens: 20, outputTokens: 18, totalTokens: 38, reasoningTokens: 10, cachedTokens: 0 },
    },
  },
  {
    ...{ file: 'openai-responses-tools.sse', dialect: responses },
    says: {
      ...{
        ...resp,
        finishReason: 'tool-calls',
        rawFinishReason: 'completed',
        usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      },
      toolCalls: [call(0, 'call_9', 'get_weather', '{"city":"Rome"}')],
    },
  },
  {
    ...{ file: 'openai-responses-failed.sse', dialect: responses, says: resp },
    error: { message: 'Rate limit reached for gpt-5.1. Please try again in 11.054s.', retryable: true },
  },
  {
    ...{ file: 'openai-responses-error.sse', dialect: responses, says: resp },
    error: { message: 'Invalid prompt', retryable: false },
  },
  {
    ...{ file: 'openai-responses-incomplete.sse', dialect: responses },
    says: { ...resp, text: 'Hel', finishReason: 'length', rawFinishReason: 'max_output_tokens' },
  },
  {
    ...{ file: 'anthropic.sse', dialect: anthropic },
    says: {
      ...{ ...claude, text: 'Grüße', reasoning: 'Hm', finishReason: 'stop', rawFinishReason: 'end_turn' },
      usage: { inputTokens: 677, outputTokens: 33, cachedTokens: 0 },
    },
  },
  {
    ...{ file: 'anthropic-tools.sse', dialect: anthropic },
    says: {
      ...{ ...claude, finishReason: 'tool-calls', rawFinishReason: 'tool_use' },
      toolCalls: [call(0, 'toolu_0', 'get_weather', '{"city": "Oslo"}')],
      usage: { inputTokens: 677, outputTokens: 33, cachedTokens: 0 },
    },
  },
  {
    ...{ file: 'anthropic-overloaded.sse', dialect: anthropic, says: claude },
    error: { message: 'Overloaded', retryable: true },
  },
  {
    ...{ file: 'anthropic-openrouter.sse', dialect: anthropic },
    says: {
      ...{ ...claude, text: 'Hi', finishReason: 'stop', rawFinishReason: 'end_turn' },
      usage: { inputTokens: 677, outputTokens: 2, cachedTokens: 0 },
    },
  },
  {
    ...{ file: 'gemini.sse', dialect: gemini },
    says: {
      ...flash,
      text: 'Hello!',
      reasoning: 'Plan',
      finishReason: 'stop',
      rawFinishReason: 'STOP',
      usage: flashUsage,
    },
  },
  {
    ...{ file: 'gemini-array.json', dialect: gemini },
    says: { ...flash, text: 'Hello', finishReason: 'stop', rawFinishReason: 'STOP', usage: flashUsage },
  },
  {
    ...{ file: 'gemini-tools.sse', dialect: gemini },
    says: {
      ...{ ...flash, finishReason: 'tool-calls', rawFinishReason: 'STOP', usage: flashUsage },
      toolCalls: [call(0, '', 'get_weather', '{"city":"Lima"}'), call(1, '', 'get_time', '{}')],
    },
  },
  {
    ...{ file: 'gemini-blocked.sse', dialect: gemini },
    says: {
      finishReason: 'content-filter',
      rawFinishReason: 'PROHIBITED_CONTENT',
      model: 'gemini-2.5-flash',
      usage: { inputTokens: 4, totalTokens: 4 },
    },
  },
  {
    ...{ file: 'gemini-error.sse', dialect: gemini, says: {} },
    error: { message: 'The model is overloaded. Please try again later.', retryable: true },
  },
  {
    ...{ file: 'ollama.ndjson', dialect: ollama },
    says: {
      ...{ model: 'gemma3', text: 'Hi 😀', reasoning: 'Hm', finishReason: 'stop', rawFinishReason: 'stop' },
      usage: { inputTokens: 11, outputTokens: 18 },
    },
  },
  {
    ...{ file: 'ollama-generate.ndjson', dialect: ollama },
    says: {
      model: 'gemma3',
      text: ' Yes',
      finishReason: 'length',
      rawFinishReason: 'length',
      usage: { outputTokens: 1 },
    },
  },
  {
    ...{ file: 'ollama-error.ndjson', dialect: ollama, says: { model: 'gemma3', text: ' Yes' } },
    error: { message: 'an error was encountered while running the model' },
  },
]
