/** What a call of `fetch` asks for. */
import { isStream } from '../request/prepare.ts'

/** A call of `fetch`, taken apart. */
export interface Asked {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: RequestInit['body']
  readonly signal: AbortSignal | undefined
  /** All that `fetch` was given but for these, as it was given. */
  readonly rest: Readonly<Record<string, unknown>>
  /** `stream`: the answer has to be one. `document`: somebody wants another. `either`: nobody has said. */
  readonly wants: 'stream' | 'document' | 'either'
  /** Whether it is to be sent but once: its body can be, or an SDK asks again for what was asked for often enough. */
  readonly isOnce: boolean
  /** The body, if it is JSON. */
  readonly json: string | undefined
}

/** Takes a call apart, as `fetch` would read it: what `init` says goes before what the request says. */
export async function askedFor(input: string | URL | Request, init?: RequestInit | null): Promise<Asked> {
  const request = isRequest(input) ? input : undefined
  const { method, headers: given, body: sent, signal, ...rest } = init ?? {}
  const headers = new Headers(given ?? request?.headers)
  const body = sent === undefined && request ? await bodyOf(request, headers) : (sent ?? null)
  const json = isJson(headers) ? textOf(body) : undefined
  const url = request?.url ?? String(input)
  const wants = wanted(url, headers, json)
  // What `fetch` itself would say; ours would be another.
  if (!headers.has('accept')) headers.set('accept', '*/*')
  return {
    ...{ url, headers, body, json, wants },
    method: method ?? request?.method ?? 'GET',
    signal: (signal === undefined ? request?.signal : signal) ?? undefined,
    rest: { ...(request && special(request)), ...rest },
    isOnce: isStream(body) || Number(headers.get(RETRIED) ?? 0) > 0,
  }
}

// How OpenAI's and Anthropic's SDKs count.
const RETRIED = 'x-stainless-retry-count'

function isRequest(input: unknown): input is Request {
  return typeof input === 'object' && input !== null && 'headers' in input && 'url' in input
}

/** A request's body: a document as such, which can be sent again; of anything else nobody knows how long it is. */
async function bodyOf(request: Request, headers: Headers): Promise<RequestInit['body']> {
  if (request.body === null) return null
  if (request.bodyUsed) throw new TypeError('The body of this Request has been read: clone it before')
  // Firefox shows no body, but has one.
  if (request.body === undefined && /^(get|head)$/i.test(request.method)) return null
  return isJson(headers) || request.body === undefined ? request.arrayBuffer() : request.body
}

function isJson(headers: Headers): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '')
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  const isBytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body)
  return isBytes ? new TextDecoder().decode(body as Uint8Array<ArrayBuffer>) : undefined
}

// What providers want to be told, and what the AI SDK's transport tells its server, which always streams.
const STREAMED = /"stream"\s*:\s*true\b|"trigger"\s*:\s*"(submit|regenerate)-message"/

function wanted(url: string, headers: Headers, json: string | undefined): Asked['wants'] {
  const accept = headers.get('accept') ?? ''
  const isStreamed = /event-stream|ndjson|jsonl/i.test(accept) || /[?&](alt=sse|stream=true)\b/.test(url)
  if (isStreamed || STREAMED.test(json ?? '')) return 'stream'
  // Whoever sends JSON and says nothing wants no page.
  return json !== undefined && /^(\*\/\*)?$/.test(accept) ? 'either' : 'document'
}

/** What a request says that another one would not: some runtimes refuse to hear even the usual. */
function special(request: Request): Record<string, unknown> {
  const given = Object.entries(USUAL).map(([name, usual]) => {
    const value = request[name as keyof Request]
    return [name, value === usual ? undefined : value] as const
  })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

const USUAL: Readonly<Partial<Record<keyof Request, unknown>>> = {
  ...{ cache: 'default', credentials: 'same-origin', integrity: '', keepalive: false, mode: 'cors' },
  ...{ redirect: 'follow', referrer: 'about:client', referrerPolicy: '' },
}
