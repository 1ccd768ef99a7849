/** jsdom without what it lacks: Node's own `fetch`, and all that a `fetch` hands about. */
import { TestEnvironment } from 'jest-environment-jsdom'

export default class extends TestEnvironment {
  async setup() {
    await super.setup()
    // jsdom has signals and bytes of its own, which Node's `Request` does not take.
    Object.assign(this.global, {
      ...{ fetch, Headers, Request, Response, ReadableStream, TransformStream },
      ...{ AbortController, AbortSignal, TextEncoder, TextDecoder, Uint8Array },
    })
  }
}
