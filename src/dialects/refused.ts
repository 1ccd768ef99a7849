/** What to say of a stream that nobody here reads: what it is, or what would read it. */
import type { ServerEvent } from '../events.ts'
import { DATA_STREAM, DATA_STREAM_ADVICE } from './text.ts'
import { isRaw, objectIn, type Raw, textOf } from './values.ts'

/** Languages that are no answer of a model's, or that `auto` does not take on trust. */
const KNOWN: readonly (readonly [(object: Raw) => boolean, string])[] = [
  [
    ({ jsonrpc, result, method }) =>
      jsonrpc === '2.0' &&
      (/^(message|tasks)\//.test(textOf(method)) ||
        (isRaw(result) && ['kind', 'task', 'statusUpdate', 'artifactUpdate'].some((name) => name in result))),
    'This is A2A (agent to agent), whose tasks are no answer of a model: use its SDK',
  ],
  [({ jsonrpc }) => jsonrpc === '2.0', 'This is MCP, or another JSON-RPC: use its SDK'],
  [
    ({ type, event_id: id }) =>
      typeof id === 'string' && /^(session|conversation|response|input_audio)/.test(textOf(type)),
    'These are events of the Realtime API, which speaks over a socket: use its SDK',
  ],
  [
    ({ token, generated_text: text }) => isRaw(token) && text !== undefined,
    'This is text-generation-inference: dialect: tgi',
  ],
  [
    ({ meta_info: meta }) => isRaw(meta),
    'This is SGLang’s own format, in which each event may repeat the text: ask its /v1/chat/completions',
  ],
]

/** What was meant to be JSON. */
const MISSPELLED: readonly (readonly [RegExp, string])[] = [
  [/^[{[]+'/, 'This is how Python prints it, not JSON: send json.dumps(…)'],
  [/^\[object /, 'This is how JavaScript prints it, not JSON: send JSON.stringify(…)'],
  [/^[{[]+&quot;/, 'This is JSON, escaped for a page: send it as it is'],
  [/^"[{[]+\\"/, 'This is JSON in a JSON string: encode it once'],
]

/** A clause that says what would read a stream, going by its first event. */
export function adviceFor({ data }: ServerEvent): string {
  const object = objectIn(data)
  if (DATA_STREAM.test(data)) return DATA_STREAM_ADVICE
  if (!object)
    return MISSPELLED.find(([start]) => start.test(data))?.[1] ?? 'If each event is text: dialect: plain'
  const known = KNOWN.find(([is]) => is(object))
  if (known) return known[1]
  const path = pathIn(object, 0)
  const mine = `(event) => JSON.parse(event.data)${path ?? '.text'}`
  return `No dialect is known for it; one in a line: dialect: ${mine}`
}

// A path longer than this is hardly where the text is.
const DEEPEST = 7
const LIKELY = /^(content|text|delta|token|chunk|answer|response|message|output|result|parts?|data|value)$/i

/** Where the text of an event is likely to be, as JavaScript reads it. */
function pathIn(value: unknown, depth: number): string | undefined {
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value)
    // Beside a code a message says how things stand.
    .filter(([key]) => key !== 'message' || !('code' in value))
    .sort(([one], [other]) => Number(LIKELY.test(other)) - Number(LIKELY.test(one)))
  for (const [key, inner] of entries) {
    const step = Array.isArray(value)
      ? `[${key}]`
      : /^[A-Za-z_$][\w$]*$/.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`
    if (typeof inner === 'string' && (LIKELY.test(key) || depth > 0)) return step
    const rest = pathIn(inner, depth + 1)
    if (rest !== undefined) return `${step}?.${rest.replace(/^\./, '')}`.replace('?.[', '?.[')
  }
  return undefined
}
