import { connect } from 'node:net'

/** What a test asks the demo server's relay, with everything but the query optional. */
export type Question = {
  readonly url: string
  readonly fault?: string
  readonly ask?: string
  readonly times?: string
  readonly content?: string
  readonly body?: BodyInit
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

export function ask({ url, content = 'What moves the tides?', body, headers, signal, ...query }: Question) {
  return post(`${url}/answers?${new URLSearchParams(query)}`, content, { body, headers, signal })
}

/** Asks the simulated model itself, as a relay does. */
export function askModel({ url, content = 'What moves the tides?', ...how }: Question) {
  return post(`${url}/v1/chat/completions`, content, how)
}

type How = { readonly [Name in 'body' | 'headers' | 'signal']?: Question[Name] | undefined }

function post(url: string, content: string, { body, headers, signal }: How) {
  const request = {
    model: 'test-model',
    messages: [{ role: 'user', content }],
    stream: true,
    stream_options: { include_usage: true },
  }
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body ?? JSON.stringify(request),
    ...(signal && { signal }),
  })
}

export type Chunk = {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly system_fingerprint: string
  readonly choices: readonly {
    readonly index: number
    readonly delta: { readonly role?: string; readonly content?: string; readonly refusal?: null }
    readonly logprobs: null
    readonly finish_reason: string | null
  }[]
  readonly usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null
  readonly error?: { readonly message: string; readonly type: string }
}

/** An event stream: its JSON payloads, their ids, its comments, and whether `[DONE]` was the last event of all. */
export function understand(stream: string) {
  const ids = [...stream.matchAll(/^id: (.*)$/gm)].map(([, id]) => Number(id))
  const blocks = stream
    .replace(/^id: .*\n/gm, '')
    .split('\n\n')
    .slice(0, -1)
  const payloads = blocks.filter((block) => block.startsWith('data: ')).map((block) => block.slice(6))
  const chunks = payloads.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data) as Chunk)
  return {
    chunks,
    ids,
    comments: blocks.filter((block) => block.startsWith(':')).map((block) => block.slice(1).trim()),
    done: payloads.at(-1) === '[DONE]',
    text: chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? '').join(''),
  }
}

export async function answerTo(question: Question) {
  return understand(await (await ask(question)).text())
}

/** Reads a body that may break or never end, until it has broken, ended, or says enough. */
export async function readUntil(response: Response, enough: (text: string) => boolean = () => false) {
  const decoder = new TextDecoder()
  const reader = response.body!.getReader()
  let text = ''
  try {
    while (!enough(text)) {
      const { value, done } = await reader.read()
      if (done) return { text, reader, end: 'clean' as const }
      text += decoder.decode(value, { stream: true })
    }
    return { text, reader, end: 'open' as const }
  } catch (error) {
    return { text, reader, end: (error as Error & { cause?: { code?: string } }).cause?.code ?? 'broken' }
  }
}

/** A promise that is settled from outside. */
export function later<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Whether nothing happens for a while: the proof of a silence needs some time, all else here needs none. */
export async function staysSilent(promise: Promise<unknown>, ms = 60) {
  const timer = later<true>()
  const id = setTimeout(() => timer.resolve(true), ms)
  const settled = promise.then(
    () => false,
    () => false,
  )
  const silent = await Promise.race([settled, timer.promise])
  clearTimeout(id)
  return silent
}

/** One request written by hand: `fetch` tidies the path before it sends it. */
export async function raw(port: number, head: string) {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${head}\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
  let text = ''
  for await (const bytes of socket) text += bytes
  return text
}
