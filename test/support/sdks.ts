/** SDKs as their documentation has them used: a question, and the text of the answer. */
import { HttpAgent } from '@ag-ui/client'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import Anthropic from '@anthropic-ai/sdk'
import { streamText } from 'ai'
import OpenAI from 'openai'
import { agui, completions, messages, type SdkLanguage, uiMessages } from './sdk-languages.ts'
import { askUseChat } from './use-chat.ts'

export interface Sdk {
  readonly name: string
  readonly language: SdkLanguage
  /** Asks and reads to the end, on this network. With ours it does not ask again by itself, as the README says. */
  read(baseURL: string, fetch: typeof globalThis.fetch): Promise<string>
}

const apiKey = 'k'
const question = [{ role: 'user' as const, content: 'Hi' }]
const retriesOn = (fetch: typeof globalThis.fetch) => (fetch === globalThis.fetch ? {} : { maxRetries: 0 })

// `useChat` wants a page, in which the first two would not run.
export const SDKS: readonly Sdk[] = [
  {
    name: '`openai`',
    language: completions,
    async read(baseURL, fetch) {
      const client = new OpenAI({ apiKey, baseURL, fetch, ...retriesOn(fetch) })
      const stream = await client.chat.completions.create({ model: 'm', messages: question, stream: true })
      let text = ''
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
      return text
    },
  },
  {
    name: '`@anthropic-ai/sdk`',
    language: messages,
    async read(baseURL, fetch) {
      const client = new Anthropic({ apiKey, baseURL, fetch, ...retriesOn(fetch) })
      const stream = client.messages.stream({ model: 'm', max_tokens: 9, messages: question })
      const { content } = await stream.finalMessage()
      return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    },
  },
  {
    name: '`ai` with `@ai-sdk/openai-compatible`',
    language: completions,
    async read(baseURL, fetch) {
      const model = createOpenAICompatible({ name: 'own', apiKey, baseURL, fetch })('m')
      const { fullStream } = streamText({ model, messages: question, onError() {}, ...retriesOn(fetch) })
      let text = ''
      for await (const part of fullStream) {
        if (part.type === 'error') throw part.error
        if (part.type === 'text-delta') text += part.text
      }
      return text
    },
  },
  { name: '`@ai-sdk/react`, `useChat`', language: uiMessages, read: askUseChat },
  {
    name: '`@ag-ui/client`, `HttpAgent`',
    language: agui,
    async read(url, fetch) {
      const agent = new HttpAgent({
        ...{ url, threadId: 't', initialMessages: [{ id: 'q', role: 'user', content: 'Hi' }] },
        fetch: async (...args: Parameters<typeof fetch>) => quiet(await fetch(...args)),
      })
      const { newMessages } = await agent.runAgent({ runId: 'r' })
      return newMessages.map(({ content }) => content).join('')
    },
  },
]

/** When a body has failed this SDK cancels it all the same, and what that rejects with nobody handles. */
function quiet(response: Response): Response {
  const { body } = response
  if (!body) return response
  const getReader = body.getReader.bind(body) as () => ReadableStreamDefaultReader
  const gentle = (): ReadableStreamDefaultReader => {
    const reader = getReader()
    const cancel = reader.cancel.bind(reader)
    return Object.assign(reader, { cancel: () => cancel().catch(() => {}) })
  }
  Object.assign(body, { getReader: gentle })
  return response
}
