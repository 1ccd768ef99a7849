/** The table of contents of `holdfast/react`. */
export { useConversation, useReply } from './hooks.ts'
