// @ts-check
import { randomBytes } from 'node:crypto'
import { between, dice, hash } from './dice.mjs'
import { answerTo, tokenize } from './model.mjs'

/** @typedef {import('./body.mjs').ChatRequest} ChatRequest */

/**
 * Streams the simulated model's answer, unless the fault has other plans.
 * @param {import('./exchange.mjs').Exchange} exchange
 * @param {ChatRequest} request
 * @param {import('./faults.mjs').Fault} fault
 * @param {import('./model.mjs').Telling} telling
 */
export async function complete(exchange, request, fault, telling) {
  const question = questionIn(request)
  const { tokens, breakAt } = answerTo(question, telling)
  const chunk = chunksOf(request)
  const waits = rhythm(hash(question))
  await exchange.open()
  await fault.beforeFirst?.(exchange)
  await exchange.pause(waits.first)
  await exchange.event(chunk.choice({ role: 'assistant', content: '', refusal: null }))
  for (const [index, content] of tokens.entries()) {
    if (fault.midway && index === breakAt) {
      await fault.midway(exchange)
      return
    }
    await exchange.pause(index === 0 ? 0 : waits.next())
    await exchange.event(chunk.choice({ content }))
  }
  await exchange.event(chunk.choice({}, 'stop'))
  if (request.stream_options?.include_usage) await exchange.event(chunk.usage(tokens.length))
  await exchange.event('[DONE]')
  exchange.end()
}

/**
 * The chunks of one completion, field by field as OpenAI sends them.
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 * @param {ChatRequest} request
 */
function chunksOf({ model, messages, stream_options }) {
  const head = {
    id: `chatcmpl-${randomBytes(16).toString('hex')}`,
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: model ?? 'simulated',
    service_tier: 'default',
    system_fingerprint: `fp_${hash('holdfast').toString(16)}`,
  }
  // Asked for usage, the provider puts the field on every chunk, and null everywhere but on the last.
  const noUsage = stream_options?.include_usage ? { usage: null } : {}
  return {
    /**
     * @param {object} delta
     * @param {string | null} finish_reason
     */
    choice: (delta, finish_reason = null) => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...noUsage,
    }),
    /** @param {number} completion_tokens */
    usage: (completion_tokens) => {
      const prompt_tokens = messages.flatMap(({ content }) => tokenize(textOf(content))).length
      const total_tokens = prompt_tokens + completion_tokens
      const completion_tokens_details = { reasoning_tokens: 0 }
      return {
        ...head,
        choices: [],
        usage: { prompt_tokens, completion_tokens, total_tokens, completion_tokens_details },
      }
    },
  }
}

/** @param {ChatRequest} request */
function questionIn({ messages }) {
  const last = messages.findLast(({ role }) => role === 'user') ?? messages.at(-1)
  return textOf(last?.content)
}

/** @param {import('./body.mjs').Content} content */
function textOf(content) {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map((part) => part.text ?? '').join(' ') : ''
}

/**
 * How long the model thinks: a while before the first token, then little, and now and then not at all.
 * @param {number} seed
 */
function rhythm(seed) {
  const roll = dice(seed)
  let burst = 0
  return {
    first: between(roll, 250, 700),
    next() {
      if (burst-- > 0) return 0
      if (roll() < 0.04) burst = Math.floor(between(roll, 4, 10))
      return between(roll, 15, 60)
    },
  }
}
