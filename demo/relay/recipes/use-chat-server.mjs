// The server of use-chat.jsx. `useChat` reads the AI SDK's own stream, so that is what the relay is given to keep: it does
// not translate. What it asks is therefore no provider, but a function here that is one, with `streamText`, your tools and
// your steps. (Where an agent's service speaks that stream already, `baseUrl` is its address, and there is no `fetch`.)
import { convertToModelMessages, createUIMessageStreamResponse, streamText, toUIMessageStream } from 'ai'
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'

const relay = createRelay({ ai: createClient({ baseUrl: 'http://here', fetch: ask }) })
// As Next.js wants them; for other servers see the recipes beside this one.
export const POST = relay.fetch
export const GET = relay.fetch
export const HEAD = relay.fetch
export const DELETE = relay.fetch

/** @type {typeof fetch} */
async function ask(input, init) {
  const request = new Request(input, init)
  const { messages } = await request.json()
  const { stream } = streamText({
    model: process.env.MODEL ?? 'openai/gpt-4.1',
    messages: await convertToModelMessages(messages),
    // The relay's own: it ends when the answer is stopped, not when a reader leaves.
    abortSignal: request.signal,
    // The relay tries again, as long as nothing has been said.
    maxRetries: 0,
  })
  return createUIMessageStreamResponse({ stream: toUIMessageStream({ stream }) })
}
