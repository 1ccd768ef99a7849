/** A relay on a real socket, the model behind it, and a plain reader in front of it. */
import { serve } from 'srvx'
import { afterEach } from 'vitest'
import { type ClientOptions, createClient } from '../../src/index.ts'
import { createRelay, type Relay, type RelayOptions } from '../../src/relay/index.ts'
import { type Model, startModel, type Turn } from './model.ts'

export const QUESTION = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
export const KEY = 'sk-secret-0123456789'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Closed after the test. */
export function closing<T>(thing: T, close: (thing: T) => unknown): T {
  closers.push(() => close(thing))
  return thing
}

export interface Stage {
  /** Where it is asked. */
  readonly url: string
  readonly relay: Relay
  readonly model: Model
  readonly ask: (init?: RequestInit & { json?: unknown }) => Promise<Response>
  /** An answer's address, whole. */
  readonly at: (response: Response) => string
}

export async function startRelay(
  options: Partial<RelayOptions> & { client?: ClientOptions; script?: (turn: Turn) => unknown } = {},
): Promise<Stage> {
  const { client, script, ...own } = options
  const model = closing(await startModel(script), (each) => each.close())
  const ai = createClient({ baseUrl: model.baseUrl, apiKey: KEY, retry: { baseMs: 1 }, ...client })
  const relay = createRelay({ ai, abandonMs: 5000, ...own })
  const server = serve({
    port: 0,
    hostname: '127.0.0.1',
    silent: true,
    gracefulShutdown: false,
    fetch: relay.fetch,
  })
  await server.ready()
  closing(server, (each) => each.close(true))
  closing(relay, (each) => each.drain({ graceMs: 0 }))
  const url = `${server.url}answers`
  return {
    ...{ url, relay, model },
    ask: ({ json = QUESTION, ...init } = {}) =>
      fetch(url, { method: 'POST', body: JSON.stringify(json), ...init }),
    at: (response) => new URL(response.headers.get('content-location') ?? '', url).href,
  }
}

/** What a plain reader of Server-Sent Events reads. */
export interface ReadEvent {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

export function eventsIn(text: string): ReadEvent[] {
  return text
    .split('\n\n')
    .map((block) => {
      const fields: Record<string, string> = {}
      for (const line of block.split(/\r\n?|\n/)) {
        const [, name = '', value = ''] = /^([^:]+): ?(.*)$/s.exec(line) ?? []
        if (name && name !== 'retry') fields[name] = name in fields ? `${fields[name]}\n${value}` : value
      }
      return fields
    })
    .filter(({ data }) => data !== undefined)
}

/** The text of an answer, and how it ended. */
export function answerIn(text: string): { text: string; end: string | undefined; state: string | undefined } {
  const events = eventsIn(text)
  let said = ''
  let end: string | undefined
  for (const { data = '' } of events) {
    if (data === '[DONE]') end = 'done'
    else {
      const value = JSON.parse(data)
      said += value.choices?.[0]?.delta?.content ?? ''
      if (value.error) end = value.error.code
    }
  }
  return { text: said, end, state: /^: holdfast (\w+)$/m.exec(text)?.[1] }
}
