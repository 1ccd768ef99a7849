/** How an answer that is not whole ends: one event, in the shape in which its provider reports errors. */
import type { StreamFailure } from '../errors/errors.ts'
import type { ServerEvent } from '../events.ts'

/** Why an answer is not whole. */
export interface Reason {
  /** `stopped`, `lost`, `truncated`, `timeout`, `network`, `circuit_open`, `too_large` … or the provider's own code. */
  readonly code: string
  readonly message: string
}

export const STOPPED: Reason = { code: 'stopped', message: 'The answer was stopped' }
export const LOST: Reason = {
  code: 'lost',
  message: 'The process that was giving this answer is gone; what had arrived is all there is',
}
export const TOO_LARGE: Reason = {
  code: 'too_large',
  message: 'The answer outgrew what the relay keeps (maxAnswerBytes)',
}
export const CONTRADICTED: Reason = {
  code: 'truncated',
  message: 'The provider broke off, and did not go on where it had',
}

const WORDS: Readonly<Record<StreamFailure['code'], string>> = {
  aborted: 'The answer was stopped',
  timeout: 'The provider did not go on in time',
  network: 'The connection to the provider broke',
  http: 'The provider refused the request',
  api: 'The provider reported an error',
  truncated: 'The provider ended the answer before it was whole',
  protocol: 'What the provider sent is no answer',
  'circuit-open': 'Not asked: the provider has failed repeatedly',
  callback: 'The relay failed',
}

/** A failure in words of our own: a provider's may quote keys, organizations and prompts. */
export function reasonOf(error: StreamFailure): Reason {
  const { code } = error
  const message = code === 'http' ? `${WORDS.http} (${error.status})` : WORDS[code]
  const own = code === 'http' || code === 'api' ? (error.providerCode ?? error.type) : undefined
  return { code: own && PLAIN.test(own) ? own : code.replace('-', '_'), message }
}

// A code is a word; what is none may be anything.
const PLAIN = /^[a-z][\w.-]{0,63}$/i

const BREAK = /\r\n?|\n/

/** An event as it stands on the wire, without its id. */
export function frameOf({ event, data }: ServerEvent): string {
  // JSON that came without frames may have breaks of each kind in it.
  const lines = BREAK.test(data) ? data.split(BREAK).join('\ndata: ') : data
  // Joined, it is a text of its own: a concatenated one would keep the whole read that it is a piece of.
  return [event === undefined ? '' : `event: ${event}\n`, 'data: ', lines, '\n\n'].join('')
}

/** @param sample - the answer's first event, which shows what language it is in. */
export function verdictFrame(sample: string | undefined, { code, message }: Reason): string {
  const error = { message, type: 'relay_error', code, retryable: false }
  const [, name] = /^event: (.+)$/m.exec(sample ?? '') ?? []
  const [, type = ''] = /"type"\s*:\s*"([\w.-]+)"/.exec(sample ?? '') ?? []
  // The official readers of these two take nothing else.
  if (/^(start|text-start|reasoning-start|start-step|data-[\w-]+)$/.test(type) && !name)
    return frameOf({ data: JSON.stringify({ type: 'error', errorText: `${message} (${code})` }) })
  if (/^[A-Z]+(_[A-Z]+)+$/.test(type))
    return frameOf({ data: JSON.stringify({ type: 'RUN_ERROR', message, code, retryable: false }) })
  if (type.startsWith('response.'))
    return frameOf({
      event: 'error',
      data: JSON.stringify({ type: 'error', code, message, param: null, error }),
    })
  if (name) return frameOf({ event: 'error', data: JSON.stringify({ type: 'error', error }) })
  return frameOf({ data: JSON.stringify({ error }) })
}
