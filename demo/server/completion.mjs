// @ts-check
import { createHash, randomBytes } from 'node:crypto'
import { between, dice, hash } from './dice.mjs'
import { answerTo, tokenize } from './model.mjs'
import { Refusal } from './refusal.mjs'

/** @typedef {import('./body.mjs').ChatRequest} ChatRequest */

/** How many tokens a resumed stream brings, at least, before the next fault. */
const tokensBetweenFaults = 40

/**
 * Streams the simulated model's answer, or the rest of it, unless the fault has other plans.
 * @param {import('./exchange.mjs').Exchange} exchange
 * @param {ChatRequest} request
 * @param {import('./faults.mjs').Fault} fault
 * @param {import('./place.mjs').Place} place
 */
export async function complete(exchange, request, fault, { telling, from, idOf }) {
  const question = questionIn(request)
  const { tokens, breakAt } = answerTo(question, telling)
  const events = eventsOf(request, tokens, nameOf(exchange.query.get('ask')))
  if (from >= events.length)
    throw new Refusal(404, 'This answer has no such event.', { code: 'unknown_event' })
  // The role is the first event, so the token number n is the event number n + 1.
  const faultAt = Math.max(breakAt + 1, from === 0 ? 0 : from + tokensBetweenFaults)
  const waits = rhythm(hash(question))
  await exchange.open()
  await fault.beforeFirst?.(exchange)
  for (let at = from; at < events.length; at++) {
    if (fault.midway && at === faultAt && at <= tokens.length) {
      await fault.midway(exchange)
      return
    }
    if (at === from) await exchange.pause(waits.first)
    else if (at > 1 && at <= tokens.length) await exchange.pause(waits.next())
    await exchange.event(events[at], idOf?.(at))
  }
  exchange.end()
}

/**
 * All events of an answer, from its role to the end marker.
 * @param {ChatRequest} request
 * @param {readonly string[]} tokens
 * @param {string} name
 */
function eventsOf(request, tokens, name) {
  const chunk = chunksOf(request, name)
  return [
    chunk.choice({ role: 'assistant', content: '', refusal: null }),
    ...tokens.map((content) => chunk.choice({ content })),
    chunk.choice({}, 'stop'),
    ...(request.stream_options?.include_usage ? [chunk.usage(tokens.length)] : []),
    '[DONE]',
  ]
}

/**
 * The same for every request of one question: a stream that is gone on with is still the same completion.
 * @param {string | null} ask
 */
function nameOf(ask) {
  const bytes = ask ? createHash('sha256').update(ask).digest().subarray(0, 16) : randomBytes(16)
  return `chatcmpl-${bytes.toString('hex')}`
}

/**
 * The chunks of one completion, field by field as OpenAI sends them.
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 * @param {ChatRequest} request
 * @param {string} id
 */
function chunksOf({ model, messages, stream_options }, id) {
  const head = {
    id,
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
