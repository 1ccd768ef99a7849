// @ts-check
import { randomBytes } from 'node:crypto'
import { between, dice, hash } from './dice.mjs'
import { answerTo, tokenize } from './model.mjs'

/** @typedef {import('./body.mjs').ChatRequest} ChatRequest */

/** How long a slow model thinks before its first token, in ms. */
const SLOW_MS = 6000

/**
 * Streams the simulated model's answer. It has three manners, by the name it is asked under: `simulated`,
 * `simulated-slow`, and `simulated-retold`, which says the same in other words.
 * @param {import('./exchange.mjs').Exchange} exchange
 * @param {ChatRequest} request
 */
export async function complete(exchange, request) {
  const question = questionIn(request)
  const { model } = request
  const tokens = answerTo(question, model === 'simulated-retold' ? 'retold' : 'told')
  const waits = rhythm(hash(question))
  await exchange.open()
  for (const [at, event] of eventsOf(request, tokens).entries()) {
    if (at === 0) await exchange.pause(model === 'simulated-slow' ? SLOW_MS : waits.first)
    else if (at > 1 && at <= tokens.length) await exchange.pause(waits.next())
    await exchange.event(event)
  }
  exchange.end()
}

/**
 * All events of an answer, from its role to the end marker.
 * @param {ChatRequest} request
 * @param {readonly string[]} tokens
 */
function eventsOf(request, tokens) {
  const chunk = chunksOf(request)
  return [
    chunk.choice({ role: 'assistant', content: '', refusal: null }),
    ...tokens.map((content) => chunk.choice({ content })),
    chunk.choice({}, 'stop'),
    ...(request.stream_options?.include_usage ? [chunk.usage(tokens.length)] : []),
    '[DONE]',
  ]
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
