/** What a caller may write, and the compiler has to understand. Each is a module of its own. */

const caught = 'declare const error: unknown'

export const accepted: readonly (readonly [name: string, code: string])[] = [
  [
    'isStreamError narrows to every failure, and code to each',
    `import { type HttpError, isStreamError, type TimeoutError } from 'holdfast'
    ${caught}
    if (isStreamError(error)) {
      const text: string = error.answer.text
      switch (error.code) {
        case 'aborted':
        case 'truncated': break
        case 'timeout': { const it: TimeoutError = error; it.phase === 'idle' && it.timeoutMs > 0; break }
        case 'network': { const phase: 'connect' | 'body' = error.phase; break }
        case 'http': { const it: HttpError = error; const status: number = it.status; break }
        case 'api': { const type: string | undefined = error.type; break }
        case 'protocol': { const status: number | undefined = error.status; break }
        case 'circuit-open': { const at: number | undefined = error.retryAtMs; break }
        case 'callback': { const name: string = error.callback; break }
        default: { const nothingIsLeft: never = error }
      }
    }`,
  ],
  [
    'instanceof StreamError narrows to every failure, too',
    `import { StreamError, type StreamFailure } from 'holdfast'
    ${caught}
    if (error instanceof StreamError) {
      const failure: StreamFailure = error
      if (error.code === 'http') error.status.toFixed()
    }`,
  ],
  [
    'instanceof narrows to a class, and what is left to the others',
    `import { HttpError, isStreamError, TimeoutError } from 'holdfast'
    ${caught}
    if (error instanceof TimeoutError) error.phase satisfies string
    if (error instanceof HttpError) error.status.toFixed()
    if (isStreamError(error) && !(error instanceof HttpError)) {
      const code: 'aborted' | 'timeout' | 'network' | 'api' | 'truncated' | 'protocol' | 'circuit-open' | 'callback' = error.code
    }`,
  ],
  [
    'a class of the user that is derived from one of ours',
    `import { ApiError } from 'holdfast'
    class QuotaError extends ApiError { readonly plan = 'free' }
    const quota: ApiError = new QuotaError({ message: 'No', type: 'quota', code: undefined })
    quota.code satisfies 'api'`,
  ],
  [
    'the last words are told what they get',
    `import { type AbortedError, stream, type StreamFailure } from 'holdfast'
    stream('/api/chat', {
      onError: (error) => { if (error.code === 'http') error.status.toFixed() },
      onAbort: (error) => { const it: AbortedError = error; error.answer.text.trim() },
      onComplete: (answer) => { answer.rawFinishReason?.trim(); answer.finishReason satisfies string | undefined },
      onRetry: ({ error }) => { const it: StreamFailure = error },
    })`,
  ],
  [
    'headers and resume are told what failed, and can narrow it',
    `import { stream } from 'holdfast'
    stream('/api/chat', {
      headers: ({ error }) => ({ authorization: error?.code === 'http' && error.status === 401 ? 'new' : 'old' }),
      resume: (checkpoint, error) => (error?.code === 'network' && error.phase === 'body' ? { url: '/rest' } : undefined),
      retry: { shouldRetry: (error) => (error.code === 'http' ? error.status === 418 : undefined) },
    })`,
  ],
  [
    'a status text can narrow, too',
    `import { render, stream } from 'holdfast'
    await render(stream('/api/chat'), output, {
      status: banner,
      words: { error: (error) => (error.code === 'http' ? \`The server said \${error.status}\` : error.message) },
    })`,
  ],
  [
    'deltas are told apart by type',
    `import { stream } from 'holdfast'
    for await (const delta of stream('/api/chat')) {
      switch (delta.type) {
        case 'text':
        case 'reasoning': delta.text.trim(); break
        case 'tool-call': delta.arguments.trim(); break
        case 'rewind': delta.text.toFixed(); break
        case 'usage': delta.usage.inputTokens?.toFixed(); break
        case 'finish': delta.raw?.trim(); break
        default: { const nothingIsLeft: never = delta }
      }
    }`,
  ],
  [
    'an iterator goes on where it was',
    `import { type Delta, stream } from 'holdfast'
    const reading = stream('/api/chat')[Symbol.asyncIterator]()
    const first = await reading.next()
    if (!first.done) first.value.type satisfies string
    for await (const delta of reading) { const it: Delta = delta }
    for await (const delta of stream('/api/chat')[Symbol.asyncIterator]()) { const it: Delta = delta }`,
  ],
  [
    'await using',
    `import { stream } from 'holdfast'
    await using reply = stream('/api/chat', { json: { messages } })
    const answer = await reply.answer()
    answer.stats.firstDeltaMs?.toFixed()`,
  ],
  [
    'a dialect written by hand, with the provider’s word for the end or without',
    `import { ApiError, type Delta, type Dialect, type DialectReader, stream } from 'holdfast'
    const mine: Dialect = {
      name: 'mine',
      open: (): DialectReader => ({
        read(event, deltas) {
          if (event.data === 'no') return new ApiError({ message: 'No', type: undefined, code: undefined })
          if (event.data === 'end') deltas.push({ type: 'finish', reason: 'stop' })
          else deltas.push({ type: 'text', text: event.data }, { type: 'finish', reason: 'other', raw: event.data })
          return event.data === 'end' ? 'end' : 'more'
        },
      }),
    }
    stream('/api/chat', { dialect: mine })`,
  ],
  [
    'undefined for every option means its default',
    `import { createClient, stream } from 'holdfast'
    stream('/api/chat', {
      json: undefined, body: undefined, method: undefined, headers: undefined, searchParams: undefined, http: undefined,
      fetch: undefined, idempotencyKey: undefined, apiKey: undefined, dialect: undefined, endpoints: undefined,
      signal: undefined, timeouts: undefined, stallMs: undefined, retry: undefined, recovery: undefined,
      resume: undefined, from: undefined, maxEventBytes: undefined, maxAnswerChars: undefined, onChunk: undefined,
      onError: undefined, onAbort: undefined, onComplete: undefined,
    })
    stream('/api/chat', { timeouts: { idleMs: undefined }, retry: { limit: undefined, budget: { tokens: undefined } } })
    createClient({ baseUrl: undefined, breaker: { failures: undefined }, maxConcurrent: undefined })`,
  ],
  [
    'what runtimes add to RequestInit',
    `import { createClient, type RequestOptions, stream } from 'holdfast'
    class Agent { dispatch(): boolean { return true } }
    const undici: RequestOptions = { dispatcher: new Agent(), body: new ReadableStream(), duplex: 'half' }
    stream('/api/chat', undici)
    stream('/api/chat', { next: { revalidate: 60, tags: ['a'] }, cache: 'no-store' })
    stream('/api/chat', { cf: { cacheTtl: 5 }, redirect: 'error' })
    stream('/api/chat', { proxy: 'http://proxy:3128', client: {}, keepalive: true, priority: 'high' })
    stream('', { endpoints: [{ url: '/api/chat', dispatcher: new Agent() }] })
    createClient({ dispatcher: new Agent() }).stream('/api/chat', { next: { revalidate: false } })`,
  ],
  [
    'an instance of ky, its plain function, and whatever takes its options',
    `import { createClient, stream } from 'holdfast'
    import ky from 'ky'
    const http = ky.create({ prefix: '/api', hooks: { beforeRequest: [({ request }) => request.headers.set('x-a', 'b')] } })
    stream('chat', { http })
    stream('chat', { http: ky.extend({ headers: { a: 'b' } }) })
    createClient({ http: ky })
    stream('chat', { http: (url, { searchParams, retry, timeout, ...init }) => fetch(url, init), fetch })`,
  ],
  [
    'core, with the dialect at the call or at the client, and with more of holdfast',
    `import { createClient, failover, isStreamError, recovery, stream, streamVia } from 'holdfast/core'
    import { anthropic, openaiChat, textDialect } from 'holdfast/dialects'
    import { render } from 'holdfast/dom'
    stream('/api/chat', { dialect: openaiChat })
    stream('/api/chat', { dialect: (event) => event.data })
    stream('/api/chat', { dialect: textDialect('mine', ({ data }) => data, { endsAtClose: true }) })
    streamVia({ recovering: recovery, failover })('', { dialect: openaiChat, endpoints: [{ url: '/a' }, { url: '/b', dialect: anthropic }] })
    const reply = createClient({ dialect: openaiChat, idempotencyKey: true }).stream('/api/chat')
    await render(reply, document.querySelector('p')).catch((error) => isStreamError(error))`,
  ],
  [
    'a scripted fetch, and what it was asked',
    `import { stream } from 'holdfast'
    import { type FetchScript, scriptedFetch } from 'holdfast/testing'
    const script: FetchScript = { events: ['a', { b: 1 }], end: 'gzip-cut', pieceBytes: 1 }
    const fetch = scriptedFetch(script, { status: 503, headers: { 'retry-after': '1' } }, { offline: true })
    await stream('https://api.example.com', { fetch }).text()
    fetch.requests[0]?.url.trim()`,
  ],
  [
    'what a conversation is asked with, in each binding',
    `import { type Reply, stream } from 'holdfast'
    import { useConversation as inReact, useReply } from 'holdfast/react'
    import { createConversation } from 'holdfast/store'
    import { useConversation as inSvelte } from 'holdfast/svelte'
    import { useConversation as inVue } from 'holdfast/vue'
    const made = createConversation({
      ask: (messages, options, turns) =>
        stream('/api', { ...options, json: { messages, of: turns.at(-1)?.answer?.model } }),
    })
    const words: string = inReact({ ask: (messages, options): Reply => stream('/api', { ...options, json: messages }) }).words
    inVue({ ask: (messages, options) => stream('/api', { ...options, json: messages }) }).ask({ role: 'tool', content: words, of: 1 })
    inSvelte({ ask: (messages, options) => messages.length > 1 && stream('/api', options) }).current.error?.code.trim()
    inSvelte(made).current.messages[0]?.content.trim()
    useReply((options) => stream('/api', options), []).answer.text.trim()`,
  ],
]
