import type { Retry } from '../callbacks.ts'
import { type Said, said, sentences } from '../dom/status.ts'
import type { StreamFailure } from '../errors/errors.ts'

/** How an answer stands, in a word. */
export type Status = 'idle' | 'asking' | 'streaming' | 'retrying' | 'done' | 'stopped' | 'failed'

/** What there is to say of each status. An empty text says nothing. */
export interface Words {
  /** @defaultValue `''` */
  readonly idle?: string
  /** @defaultValue `'Writing the answer…'` */
  readonly asking?: string
  /** @defaultValue `'Writing the answer…'` */
  readonly streaming?: string
  /** @defaultValue `'Trying again in 2 s: the server answered 503.'` */
  readonly retrying?: Said<Retry>
  /** @defaultValue `'The answer is complete.'` */
  readonly done?: string
  /** @defaultValue `'Stopped.'` */
  readonly stopped?: string
  /** @defaultValue the error's message */
  readonly failed?: Said<StreamFailure>
}

/** The sentence for a status, to be said politely to those who listen instead of looking. */
export function inWords(words: Words | undefined, status: Status, evidence: unknown): string {
  const { start, error, ...same } = sentences
  const all = { idle: '', asking: start, streaming: start, failed: error, ...same }
  const usual = all[status] as Said<unknown>
  return said((words?.[status] as Said<unknown> | undefined) ?? usual, usual, evidence)
}
