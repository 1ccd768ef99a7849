import { checkNumber } from '../checks.ts'
import { schedule, within } from '../time/clock.ts'
import { Answers, type Found } from './answers.ts'
import { type RelayOptions, type ResolvedRelay, resolveRelay } from './options.ts'
import { type Reading, bodyOf as streamOf } from './reading.ts'
import { bodyOf, cursorOf, keyOf, type Target, targetOf } from './requests.ts'
import {
  busy,
  notFound,
  nothing,
  preflight,
  Refusal,
  refused,
  refuseOtherSites,
  STREAM_HEADERS,
  withCors,
} from './responses.ts'
import { told } from './told.ts'

/** Stands between pages and providers. */
export interface Relay {
  /**
   * Answers a request: a web-standard handler, for any server that has one.
   *
   * @param context - a platform's own; its `waitUntil` is used where it has one.
   */
  readonly fetch: (request: Request, context?: unknown) => Promise<Response>
  /**
   * Ends the work of this process, for `SIGTERM`: no new answers, readers are sent elsewhere where there is an elsewhere,
   * and what is not whole after `graceMs` ends as `lost`.
   */
  readonly drain: (options?: { readonly graceMs?: number | undefined }) => Promise<void>
}

const GRACE_MS = 10_000
/** Who has looked, and does not stay. */
const NOBODY = { wake() {} }
// What the endings take to be written.
const LAST_WRITE_MS = 2000

/**
 * Makes a relay: a page asks it, it asks the provider, and writes the answer down as it arrives, so that a page that
 * reloads, a second tab, and a phone that wakes read on where they were.
 *
 * @throws TypeError for a bad option, naming it and the value received.
 * @example
 * ```ts
 * const relay = createRelay({ ai: createClient({ baseUrl: 'https://api.example.com/v1', apiKey }) })
 * export const POST = relay.fetch, GET = relay.fetch, DELETE = relay.fetch
 * ```
 */
export function createRelay(options: RelayOptions): Relay {
  const handler = new Handler(resolveRelay(options))
  return {
    fetch: (request, context) => handler.fetch(request, context),
    drain: async (given) => handler.drain(checkNumber('graceMs', given?.graceMs ?? GRACE_MS)),
  }
}

class Handler {
  readonly #options: ResolvedRelay
  readonly #answers: Answers
  readonly #readings = new Set<Reading>()
  #isDraining = false

  constructor(options: ResolvedRelay) {
    this.#options = options
    this.#answers = new Answers(options)
  }

  async fetch(request: Request, context: unknown): Promise<Response> {
    return withCors(request, await this.#respond(request, context), this.#options.origins)
  }

  async #respond(request: Request, context: unknown): Promise<Response> {
    try {
      return request.method === 'OPTIONS' ? preflight(request) : await this.#route(request, context)
    } catch (error) {
      if (error instanceof Refusal) return refused(error)
      // Two who ask the same are refused by the same one.
      if (error instanceof Response) return error.clone()
      console.error('holdfast/relay:', error)
      return refused(new Refusal(500, 'internal', 'The relay has failed'))
    }
  }

  async #route(request: Request, context: unknown): Promise<Response> {
    const target = targetOf(request)
    const { id, isStop } = target
    const { method } = request
    if (!['GET', 'HEAD', 'POST', 'DELETE'].includes(method) || (isStop && method !== 'POST'))
      throw new Refusal(405, 'method_not_allowed', `There is no ${method} here`, {
        allow: isStop ? 'POST' : 'GET, HEAD, POST, DELETE, OPTIONS',
      })
    if (method === 'POST' || method === 'DELETE') refuseOtherSites(request, this.#options.origins)
    const owner = await this.#ownerOf(request)
    if (method === 'POST' && !isStop) {
      if (id === undefined) return this.#ask(request, target, owner, context)
      throw new Refusal(405, 'method_not_allowed', 'An answer is read or stopped, not asked', {
        allow: 'GET, HEAD, DELETE, OPTIONS',
      })
    }
    if (id === undefined) throw notFound()
    if (method === 'GET') return this.#read(request, target, owner)
    const found = await this.#answers.find(id, owner)
    if (method === 'HEAD') return nothing({ 'holdfast-state': found.state }, 200)
    await this.#answers.stop(found, target.url.searchParams.has('forget'))
    return nothing()
  }

  async #ownerOf(request: Request): Promise<string> {
    const { authorize } = this.#options
    if (!authorize) return ''
    const owner = await authorize(request)
    if (owner instanceof Response) throw owner
    if (typeof owner === 'string' && owner !== '') return owner
    if (owner === undefined || owner === null)
      throw new Refusal(401, 'unauthorized', 'Nobody is known by this request')
    throw new TypeError('authorize must give a text that names the owner, or undefined')
  }

  async #ask(request: Request, target: Target, owner: string, context: unknown): Promise<Response> {
    if (this.#isDraining) throw draining()
    const { ask, authorize, maxBodyBytes } = this.#options
    const { text, body } = await bodyOf(request, maxBodyBytes)
    const key = await keyOf(request, owner, authorize !== undefined, text)
    // Only a header tells the language as long as nobody has answered: it is one that Anthropic's SDK always sends.
    const sample = request.headers.has('anthropic-version') ? 'event: message_start\n' : undefined
    const found = await this.#answers.ask({ owner, key, sample }, async () => {
      const asked = ask ? await ask(body, { owner, request }) : body
      if (asked instanceof Response) throw asked
      if (this.#isDraining) throw draining()
      return asked
    })
    if (found.producer) this.#keepAlive(found.producer.saved, context)
    return this.#stream(request, target, found, 0)
  }

  #keepAlive(work: Promise<void>, context: unknown): void {
    const own = context as { waitUntil?(work: Promise<void>): unknown } | null | undefined
    void told(() => this.#options.waitUntil?.(work))
    // Called as a method: some platforms insist on it.
    if (typeof own?.waitUntil === 'function') void told(() => own.waitUntil?.(work))
  }

  async #read(request: Request, target: Target, owner: string): Promise<Response> {
    if (this.#isDraining && this.#options.store.isShared) throw draining()
    const after = cursorOf(request, target.url)
    return this.#stream(request, target, await this.#answers.find(target.id ?? '', owner), after)
  }

  async #stream(request: Request, { mount }: Target, found: Found, after: number): Promise<Response> {
    const log = await this.#answers.logOf(found)
    const { maxReaders, publicPath } = this.#options
    const path = publicPath?.replace(/\/+$/, '') ?? mount
    const headers = { 'content-location': `${path}/${found.id}` }
    const isFull = maxReaders > 0 && log.readers >= maxReaders
    if (isFull || (log.ending && after > 0 && after === log.last)) {
      log.enter(NOBODY)
      log.leave(NOBODY)
      if (isFull)
        throw busy(429, 'too_many_readers', `${maxReaders} readers are here already (maxReaders)`, 5)
      return nothing(headers)
    }
    const body = streamOf(log, after, this.#options, request.signal, this.#readings)
    return new Response(body, { headers: { ...STREAM_HEADERS, ...headers } })
  }

  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true
    const { store } = this.#options
    // A store that others see is an elsewhere.
    if (store.isShared) for (const reading of [...this.#readings]) reading.rotate()
    const { running } = this.#answers
    const saved = Promise.all(running.map((each) => each.saved))
    const off = schedule(graceMs, () => {
      for (const each of running) each.lose()
    })
    // A store that is away is not waited for.
    await within(graceMs + LAST_WRITE_MS, saved)
    off()
    await store.close?.()
  }
}

function draining(): Refusal {
  return busy(503, 'draining', 'This server is about to stop; ask again', 1)
}
