import type { StreamFailure } from '../errors/errors.ts'
import type { Answer } from '../events.ts'
import type { StreamOptions } from '../options.ts'
import type { Reply } from '../reply.ts'
import type { Message, SavedConversation, Turn } from './turn.ts'
import type { Status, Words } from './words.ts'

/** What a conversation has to know of each call: to be spread among the options of `stream()`. */
export type AskOptions = Required<Pick<StreamOptions, 'onOpen' | 'onRetry'>> & Pick<StreamOptions, 'from'>

/**
 * Asks: what it returns is shown, and what is no reply (`question && stream(…)`) asks for nothing.
 *
 * @param messages - what was said, ready to be sent.
 * @param options - to be spread among those of `stream()`.
 * @param turns - the messages with each `answer`: for whoever sends tool calls back.
 */
export type Ask = (
  messages: readonly Message[],
  options: AskOptions,
  turns: readonly Turn[],
) => Reply | false | '' | null | undefined

/** How an answer stands. It stays as it is: when something changes, another one takes its place. */
export interface AnswerState {
  readonly status: Status
  /** Whether something is still to come: `asking`, `streaming` or `retrying`. */
  readonly isBusy: boolean
  /** The status in a sentence, for a `role="status"`: it does not change with the text. */
  readonly words: string
  /** What has arrived; once it has ended also its statistics. */
  readonly answer: Answer
  /** Why it failed. */
  readonly error: StreamFailure | undefined
  /** Attempts made so far. */
  readonly attempts: number
}

/** How a conversation stands, likewise: all but `messages` is of the last answer. */
export interface ConversationState extends AnswerState {
  /** All that was said, the answer that is being written included. A turn that has not changed is the same object. */
  readonly messages: readonly Turn[]
}

/** What a conversation is made of. */
export interface ConversationOptions {
  /**
   * Asks for an answer.
   * @example
   * ```ts
   * ask: (messages, options) => stream('/api/chat', { ...options, json: { stream: true, messages } })
   * ```
   */
  readonly ask: Ask
  /** What `save()` gave. An answer that was under way goes on with the first subscriber. */
  readonly initial?: SavedConversation | undefined
  /** What there is to say of each status. */
  readonly words?: Words | undefined
  /**
   * Lets an answer go on when nobody looks, as in a store of the whole app. Else it is cancelled when its last subscriber has
   * gone and none has come a moment later (frameworks take things down and up again at once); its server is not told to stop.
   * @defaultValue `false`
   */
  readonly keepUnseen?: boolean | undefined
}

/** A conversation that can be subscribed to. Its functions may be taken off it. */
export interface Conversation {
  /** Calls `listener` after each change, once a frame at most while text comes, until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void
  /** How it stands: the same object until something changes. */
  readonly getSnapshot: () => ConversationState
  /**
   * Says something and asks for an answer. One that is still being written is stopped, and stays as far as it has come:
   * who asks anew wants another one, and nobody would see a question that waits.
   *
   * @throws whatever `ask` throws; then nothing has changed.
   */
  readonly ask: (...messages: readonly (string | Message)[]) => void
  /** Asks for the last answer again, whether it was whole, stopped or failed, or is still being written. */
  readonly regenerate: () => void
  /** Ends the answer, at the server, too; what had arrived stays. */
  readonly stop: () => void
  /** Stops, and forgets all that was said. */
  readonly clear: () => void
  /** The conversation as JSON, for `initial`; to be taken when the page goes (`pagehide`). */
  readonly save: () => SavedConversation
}
