import { untrack } from 'svelte'
import { createSubscriber } from 'svelte/reactivity'
import type {
  AnswerState,
  Ask,
  AskOptions,
  Conversation,
  ConversationOptions,
  ConversationState,
} from '../store/contract.ts'
import { createConversation } from '../store/conversation.ts'

/** Something to be read in runes, by `current`, or as a store, by `$`. */
export interface Shown<State> {
  /** How it stands; whoever reads it in an effect, or in the markup, is run again when it changes. */
  readonly current: State
  /** The contract of Svelte's stores. */
  readonly subscribe: (run: (state: State) => void) => () => void
}

/**
 * A conversation. It is cancelled when nobody shows it any more, unless `keepUnseen`. One that was made elsewhere, by
 * `createConversation()`, can be shown by several.
 *
 * @example
 * ```ts
 * const chat = useConversation({
 *   ask: (messages, options) => stream('/api/chat', { ...options, json: { stream: true, messages } }),
 * })
 * ```
 */
export function useConversation(
  given: ConversationOptions,
): Shown<ConversationState> & Omit<Conversation, 'subscribe'>
export function useConversation(
  given: Conversation,
): Shown<ConversationState> & Omit<Conversation, 'subscribe'>
// Two signatures, for of a union the compiler could not tell what `ask` is given.
export function useConversation(
  given: ConversationOptions | Conversation,
): Shown<ConversationState> & Omit<Conversation, 'subscribe'> {
  const store = 'subscribe' in given ? given : createConversation(given)
  const { getSnapshot } = store
  const track = createSubscriber(store.subscribe)
  return {
    ...store,
    get current() {
      track()
      return getSnapshot()
    },
    subscribe(run) {
      // An effect that asks must not depend on what is read by who is told of it.
      const tell = () => untrack(() => run(getSnapshot()))
      // First, for an answer that goes on begins with it, or has failed.
      const leave = store.subscribe(tell)
      tell()
      return leave
    },
  }
}

/**
 * One answer, asked for by `regenerate`: in an `$effect` whenever something that `ask` has read changes; the one before is
 * stopped. It is cancelled when nobody shows it any more.
 *
 * @param ask - without a reply (`question && stream(…)`) nothing is asked for.
 * @example
 * ```ts
 * const reply = useReply((options) => stream(`/api/summary/${id}`, options))
 * $effect(reply.regenerate)
 * ```
 */
export function useReply(
  ask: (options: AskOptions) => ReturnType<Ask>,
): Shown<AnswerState> & Pick<Conversation, 'regenerate' | 'stop'> {
  return useConversation({ ask: (_: unknown, options: AskOptions) => ask(options) })
}
