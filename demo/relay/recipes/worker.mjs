// Cloudflare Workers: the relay is in a Durable Object, one for each user.
//
//   compatibility_flags = ["nodejs_compat"]
//   durable_objects.bindings = [{ name = "ANSWERS", class_name = "Answers" }]
//   migrations = [{ tag = "1", new_sqlite_classes = ["Answers"] }]
//
// The memory of the Worker itself will not do: it has many isolates, so a reload may come to another one, and within one
// a request may not stop what another has begun. An object is one place, wherever its readers are. It is not moved while
// it is at work, but a deploy ends it, and what it was giving.
import { DurableObject } from 'cloudflare:workers'
import { createClient } from 'holdfast'
import { createRelay } from 'holdfast/relay'

const ai = createClient({
  baseUrl: process.env.UPSTREAM_URL ?? 'https://api.openai.com/v1',
  apiKey: process.env.UPSTREAM_KEY,
})

export class Answers extends DurableObject {
  #relay = createRelay({ ai, ask: ({ messages }) => ({ model: 'gpt-4.1', messages }) })

  fetch(request) {
    return this.#relay.fetch(request, this.ctx)
  }
}

export default {
  fetch(request, env) {
    // Whose answers: from a session that you have checked.
    const user = 'everybody'
    return env.ANSWERS.getByName(user).fetch(request)
  },
}
