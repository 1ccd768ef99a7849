/** What asks on a server, or in a script: no page is needed. */
import { createClient } from 'holdfast'

export const URL = 'https://app.example.com/api/chat'

export function createAsk() {
  const ai = createClient({ retry: { baseMs: 1 } })
  return (question) => ai.stream(URL, { json: { question } }).text()
}
