import type { Checkpoint } from '../answer/checkpoint.ts'
import type { Answer } from '../events.ts'

/** One turn of a conversation, in the form that most providers take it in. What else it holds is kept, and sent. */
export interface Message {
  /** `'user'`, `'assistant'`, or whatever the provider knows. */
  readonly role: string
  readonly content: string
  readonly [more: string]: unknown
}

/** A message as it is shown. */
export interface Turn extends Message {
  /** Of an answer of ours: its reasoning, tool calls, usage, statistics. It is not sent. */
  readonly answer?: Answer | undefined
}

/** A conversation as JSON, to be kept over a page load. */
export interface SavedConversation {
  readonly messages: readonly Turn[]
  /** Where the last answer stood, if it was under way. */
  readonly from?: Checkpoint | undefined
}
