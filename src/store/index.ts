/** The table of contents of `holdfast/store`. */
export type {
  AnswerState,
  Ask,
  AskOptions,
  Conversation,
  ConversationOptions,
  ConversationState,
} from './contract.ts'
export { createConversation } from './conversation.ts'
export type { Message, SavedConversation, Turn } from './turn.ts'
export type { Status, Words } from './words.ts'
