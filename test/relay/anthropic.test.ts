import Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { anthropic } from '../../src/index.ts'
import { startRelay } from '../support/relay.ts'

test('an answer that fails before it has begun is an error to Anthropic’s own SDK', async () => {
  const { url } = await startRelay({
    client: { dialect: anthropic },
    script: (turn) => turn.refuse(401, { type: 'error', error: { type: 'authentication_error' } }),
  })
  const sdk = new Anthropic({ apiKey: 'k', baseURL: url, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  const events = await sdk.messages.create({ model: 'm', max_tokens: 9, messages, stream: true })
  const reading = (async () => {
    for await (const _ of events);
  })()
  await expect(reading).rejects.toThrow('The provider refused the request (401)')
})
