/** The table of contents of `holdfast/svelte`. */
export { type Shown, useConversation, useReply } from './stores.ts'
