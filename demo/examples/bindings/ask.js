import { stream } from 'holdfast'

// To change: a path on your server, which adds the provider's key; and the provider's own body.
export const ask = (messages, options) =>
  stream(`/answers?ask=${Date.now()}&${location.search.slice(1)}`, {
    ...options,
    json: { model: 'simulated', stream: true, messages },
  })

// What was said outlives the page; an answer that was under way goes on when it is there again.
const KEY = 'conversation'
const kept = localStorage.getItem(KEY)
export const initial = kept ? JSON.parse(kept) : undefined
export const keep = (chat) =>
  addEventListener('pagehide', () => localStorage.setItem(KEY, JSON.stringify(chat.save())))
