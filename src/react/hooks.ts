import { useEffect, useInsertionEffect, useMemo, useState, useSyncExternalStore } from 'react'
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
 * A conversation; its options are those of the last render. It is cancelled when the component is gone for good
 * (not when StrictMode takes it down and up again), unless `keepUnseen`. One that was made elsewhere, by
 * `createConversation()`, can be shown by several.
 *
 * @example
 * ```tsx
 * const { messages, words, isBusy, ask, stop } = useConversation({
 *   ask: (messages, options) => stream('/api/chat', { ...options, json: { stream: true, messages } }),
 * })
 * ```
 */
export function useConversation(given: ConversationOptions): ConversationState & Conversation
export function useConversation(given: Conversation): ConversationState & Conversation
// Two signatures, for of a union the compiler could not tell what `ask` is given.
export function useConversation(given: ConversationOptions | Conversation): ConversationState & Conversation {
  const [options] = useState(() => ({ ...given }) as ConversationOptions)
  const [own] = useState(() => createConversation(options))
  // Before all other effects, for a child's come before ours, and may ask.
  useInsertionEffect(() => {
    Object.assign(options, given)
  })
  const store = (given as Conversation).subscribe ? (given as Conversation) : own
  return { ...store, ...useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot) }
}

/**
 * One answer, asked for when the component is there, and anew whenever one of `deps` has changed: the one before is
 * stopped. It is cancelled when the component is gone for good.
 *
 * @param ask - without a reply (`question && stream(…)`) nothing is asked for.
 * @example
 * ```tsx
 * const { answer, words } = useReply((options) => stream(`/api/summary/${id}`, options), [id])
 * ```
 */
export function useReply(
  ask: (options: AskOptions) => ReturnType<Ask>,
  deps: readonly unknown[],
): AnswerState & Pick<Conversation, 'regenerate' | 'stop'> {
  const conversation = useConversation({ ask: (_: unknown, options: AskOptions) => ask(options) })
  const question = useMemo<{ isOver?: boolean }>(Object, deps)
  useEffect(() => {
    // One that is stopped at once, as StrictMode has it, has sent nothing.
    question.isOver || conversation.regenerate()
    // What `<Activity>` hides is shown again: what had ended stays, or it would be paid for again.
    return () => {
      question.isOver = !conversation.getSnapshot().isBusy
    }
  }, [question])
  return conversation
}
