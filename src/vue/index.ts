/** The table of contents of `holdfast/vue`. */
export { useConversation, useReply } from './composables.ts'
