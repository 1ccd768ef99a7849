/** The table of contents of `holdfast/svelte`. */
export { type Shown, type ShownConversation, useConversation, useReply } from './stores.ts'
