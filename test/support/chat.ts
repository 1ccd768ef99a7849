/** OpenAI's chat format, as its API sends it (shape from the recordings named in the research notes). */
import type { Script, Step } from './fault-server.ts'

const HEAD = '"id":"chatcmpl-D","object":"chat.completion.chunk","created":1778031210,"model":"gpt-4o-mini"'

function chunk(choice: string): string {
  return `data: {${HEAD},"choices":[{"index":0,${choice},"logprobs":null}],"usage":null}\n\n`
}

export const role: string = chunk(
  '"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null',
)
export const DONE = 'data: [DONE]\n\n'

export function text(content: string): string {
  return chunk(`"delta":{"content":${JSON.stringify(content)}},"finish_reason":null`)
}

export function finish(reason = 'stop'): string {
  return chunk(`"delta":{},"finish_reason":${JSON.stringify(reason)}`)
}

const usage = `data: {${HEAD},"choices":[],"usage":{"prompt_tokens":22,"completion_tokens":2,"total_tokens":24}}\n\n`

/** A whole answer of these pieces. */
export function whole(...pieces: readonly string[]): Script {
  return { steps: [role, ...pieces.map(text), finish(), usage, DONE, 'END'] }
}

/** The beginning of an answer, and then something else. */
export function begun(pieces: readonly string[], ...then: readonly Step[]): Script {
  return { steps: [role, ...pieces.map(text), { wait: 15 }, ...then] }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Script {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    steps: [JSON.stringify(body), 'END'],
  }
}
