// The official SDK, as it is, on a relay: node openai-sdk.mjs "How does kelp hold on to a rock?"
import OpenAI from 'openai'

const url = process.env.RELAY_URL ?? 'http://localhost:3000/api/chat'
const openai = new OpenAI({
  // The SDK asks at …/chat/completions. A relay that is mounted at such a path needs no `fetch`, only the `baseURL`.
  baseURL: url,
  fetch: (input, init) => fetch(String(input).replace(/\/chat\/completions$/, ''), init),
  // The key is the relay's; what stands here is sent to it, for `authorize` to look at.
  apiKey: process.env.USER_TOKEN ?? 'none',
  // The relay has tried again already, without asking, and paying, twice.
  maxRetries: 0,
})

const content = process.argv[2] ?? 'How does kelp hold on to a rock?'
const { data: chunks, response } = await openai.chat.completions
  .create({ model: 'gpt-4.1', messages: [{ role: 'user', content }], stream: true })
  .withResponse()

// Leaving does not stop the model: others may be reading. This does.
const address = new URL(response.headers.get('content-location') ?? '', url)
process.once('SIGINT', () => fetch(address, { method: 'DELETE' }))

try {
  for await (const { choices } of chunks) process.stdout.write(choices[0]?.delta.content ?? '')
} catch (error) {
  if (!(error instanceof OpenAI.APIError)) throw error
  console.error(`\n${error.message} (${error.code})`)
  process.exitCode = 1
}
