import { shallowReactive, watchPostEffect } from 'vue'
import type {
  AnswerState,
  Ask,
  AskOptions,
  Conversation,
  ConversationOptions,
  ConversationState,
} from '../store/contract.ts'
import { createConversation } from '../store/conversation.ts'

/**
 * A conversation as one reactive object (`toRefs()` takes it apart). It is cancelled with the component, or the scope,
 * unless `keepUnseen`. One that was made elsewhere, by `createConversation()`, can be shown by several.
 *
 * @example
 * ```ts
 * const chat = useConversation({
 *   ask: (messages, options) => stream('/api/chat', { ...options, json: { stream: true, messages } }),
 * })
 * ```
 */
export function useConversation(given: ConversationOptions): ConversationState & Conversation
export function useConversation(given: Conversation): ConversationState & Conversation
// Two signatures, for of a union the compiler could not tell what `ask` is given.
export function useConversation(given: ConversationOptions | Conversation): ConversationState & Conversation {
  const store = 'subscribe' in given ? given : createConversation(given)
  const state = shallowReactive({ ...store, ...store.getSnapshot() })
  // After it is mounted: on a server nothing is, and nothing is asked for.
  watchPostEffect((onCleanup) => {
    const update = (): void => void Object.assign(state, store.getSnapshot())
    onCleanup(store.subscribe(update))
    update()
  })
  return state
}

/**
 * One answer, asked for when the component is there, and anew whenever something reactive that `ask` has read changes: the
 * one before is stopped. It is cancelled with the component, or the scope.
 *
 * @param ask - without a reply (`question.value && stream(…)`) nothing is asked for.
 * @example
 * ```ts
 * const reply = useReply((options) => stream(`/api/summary/${id.value}`, options))
 * ```
 */
export function useReply(
  ask: (options: AskOptions) => ReturnType<Ask>,
): AnswerState & Pick<Conversation, 'regenerate' | 'stop'> {
  const conversation = useConversation({ ask: (_: unknown, options: AskOptions) => ask(options) })
  watchPostEffect(() => {
    // First, for if `ask` throws the page lives on, and the answer to what was asked before is none to this.
    conversation.clear()
    conversation.regenerate()
  })
  return conversation
}
