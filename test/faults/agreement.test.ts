/** One verdict for each fault, the same on every surface, on real sockets; and the socket closed after it. */
import { Window } from 'happy-dom'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, render, type StreamFailure, type StreamOptions, stream } from '../../src/index.ts'
import { begun, DONE, finish, json, role, text, whole } from '../support/chat.ts'
import { type FaultServer, type Script, startFaultServer } from '../support/fault-server.ts'

interface Case {
  readonly name: string
  readonly script: Script
  readonly options?: StreamOptions
  /** The code of the error and what else is known of it; `'whole'` for an answer. */
  readonly verdict: string
  readonly text: string
  readonly message?: RegExp
}

const FAST = { connectMs: 150, firstMs: 250, idleMs: 120 }
const html = '<!doctype html><title>Sign in to the train</title><form>'

const cases: readonly Case[] = [
  { name: 'a whole answer', script: whole('Hel', 'lo'), verdict: 'whole', text: 'Hello' },
  {
    name: 'a polite end in the middle',
    script: begun(['Hel'], 'END'),
    verdict: 'truncated',
    text: 'Hel',
    message: /without the end marker of openai-chat/,
  },
  {
    name: 'a socket closed in the middle',
    script: begun(['Hel'], 'FIN'),
    verdict: 'network body',
    text: 'Hel',
  },
  { name: 'a reset in the middle', script: begun(['Hel'], 'RST'), verdict: 'network body', text: 'Hel' },
  {
    name: 'a stall',
    script: begun(['Hel'], 'HANG'),
    options: { timeouts: FAST },
    verdict: 'timeout idle',
    text: 'Hel',
    message: /timeouts\.idleMs/,
  },
  {
    name: 'a server that never sends headers',
    script: {},
    options: { timeouts: FAST },
    verdict: 'timeout connect',
    text: '',
    message: /150 ms \(timeouts\.connectMs\)/,
  },
  {
    name: 'heartbeats and no token',
    script: {
      steps: [role, ...Array.from({ length: 20 }, () => [': ping\n\n', { wait: 40 }]).flat(), 'HANG'],
    },
    options: { timeouts: FAST },
    verdict: 'timeout first',
    text: '',
    message: /timeouts\.firstMs/,
  },
  {
    name: 'a connection without a byte',
    script: begun(['Hel'], 'HANG'),
    options: { timeouts: { silenceMs: 100 } },
    verdict: 'timeout silence',
    text: 'Hel',
    message: /timeouts\.silenceMs/,
  },
  {
    name: 'an answer that takes too long',
    script: { steps: [role, ...Array.from({ length: 30 }, () => [text('.'), { wait: 20 }]).flat(), 'HANG'] },
    options: { timeouts: { totalMs: 150 } },
    verdict: 'timeout total',
    text: '.',
    message: /timeouts\.totalMs/,
  },
  {
    name: 'a 503',
    script: json(503, { error: { message: 'Overloaded', type: 'server_error' } }),
    verdict: 'http 503',
    text: '',
    message: /^The server answered 503: Overloaded$/,
  },
  {
    name: 'an HTML page under 200',
    script: { headers: { 'content-type': 'text/html' }, steps: [html, 'END'] },
    verdict: 'protocol 200',
    text: '',
    message: /HTML page.*Sign in to the train/,
  },
  {
    name: 'a JSON error under 200',
    script: json(200, { error: { message: 'No such model', type: 'invalid_request_error' } }),
    verdict: 'api invalid_request_error',
    text: '',
    message: /No such model/,
  },
  { name: 'a JSON document under 200', script: json(200, { ok: true }), verdict: 'protocol 200', text: '' },
  { name: 'a 204', script: { status: 204, steps: ['END'] }, verdict: 'protocol 204', text: '' },
  {
    name: 'nothing at all under 200',
    script: { steps: ['END'] },
    verdict: 'truncated',
    text: '',
    message: /before its first event/,
  },
  {
    name: 'an error in the stream',
    script: begun(['Hel'], 'data: {"error":{"message":"Boom","type":"server_error","code":null}}\n\n', 'END'),
    verdict: 'api server_error',
    text: 'Hel',
    message: /Boom/,
  },
  {
    name: '[DONE] and a socket held open',
    script: begun(['Hello'], DONE, 'HANG'),
    verdict: 'whole',
    text: 'Hello',
  },
  {
    name: 'a finish reason and a reset',
    script: begun(['Hello'], finish(), 'RST'),
    verdict: 'whole',
    text: 'Hello',
  },
  {
    name: 'a finish reason and the end',
    script: begun(['Hello'], finish(), 'END'),
    verdict: 'whole',
    text: 'Hello',
  },
  {
    name: 'an event without end',
    script: begun(['Hel'], `data: ${'x'.repeat(5000)}`, 'HANG'),
    options: { maxEventBytes: 1000 },
    verdict: 'protocol',
    text: 'Hel',
    message: /1000 characters \(maxEventBytes\)/,
  },
  {
    name: 'an answer without end',
    script: begun(['x'.repeat(60), 'x'.repeat(60)], 'HANG'),
    options: { maxAnswerChars: 100 },
    verdict: 'protocol',
    text: 'x',
    message: /100 characters \(maxAnswerChars\)/,
  },
]

interface Outcome {
  readonly verdict: string
  readonly text: string
  readonly message: string
}

function failed(error: StreamFailure, shown: string): Outcome {
  const { phase, status, type } = error as { phase?: string; status?: number; type?: string }
  const detail = phase ?? status ?? type
  const verdict = detail === undefined ? error.code : `${error.code} ${detail}`
  expect(error.answer?.text).toContain(shown)
  return { verdict, text: shown, message: error.message }
}

const succeeded = ({ text }: { text: string }): Outcome => ({ verdict: 'whole', text, message: '' })

/** The four ways to read a reply. */
const surfaces: Readonly<Record<string, (url: string, options: StreamOptions) => Promise<Outcome>>> = {
  callbacks: (url, options) =>
    new Promise((resolve) => {
      let shown = ''
      stream(url, {
        ...options,
        onChunk: (piece) => {
          shown += piece
        },
        onError: (error) => resolve(failed(error, shown)),
        onComplete: (answer: Answer) => resolve(succeeded({ text: shown && answer.text })),
      })
    }),
  iterator: async (url, options) => {
    let shown = ''
    try {
      for await (const delta of stream(url, options)) if (delta.type === 'text') shown += delta.text
      return succeeded({ text: shown })
    } catch (error) {
      return failed(error as StreamFailure, shown)
    }
  },
  promise: async (url, options) => {
    try {
      return succeeded(await stream(url, options).answer())
    } catch (error) {
      return failed(error as StreamFailure, (error as StreamFailure).answer?.text ?? 'no answer')
    }
  },
  element: async (url, options) => {
    const element = new Window().document.createElement('p') as unknown as HTMLElement
    try {
      await render(stream(url, options), element)
      return succeeded({ text: element.textContent ?? '' })
    } catch (error) {
      return failed(error as StreamFailure, element.textContent ?? '')
    }
  },
}

describe('every surface tells the same of', () => {
  let server: FaultServer
  beforeAll(async () => {
    server = await startFaultServer()
  })
  afterAll(() => server.close())

  test.each(cases)('$name', async ({ script, options, verdict, text: shown, message }) => {
    server.play(script)
    const read = Object.entries(surfaces).map(async ([name, surface]) => {
      const outcome = await surface(server.url, { json: { model: 'm' }, retry: false, ...options })
      expect(`${name}: ${outcome.verdict}`).toBe(`${name}: ${verdict}`)
      expect(outcome.text.startsWith(shown), `${name} shows ${JSON.stringify(outcome.text)}`).toBe(true)
      if (message) expect(outcome.message).toMatch(message)
    })
    await Promise.all(read)
    await expect.poll(() => server.openSockets).toBe(0)
  })

  test('a refused connection', async () => {
    const gone = await startFaultServer()
    await gone.close()
    for (const [name, surface] of Object.entries(surfaces)) {
      const { verdict } = await surface(gone.url, { json: {}, retry: false })
      expect(`${name}: ${verdict}`).toBe(`${name}: network connect`)
    }
  })
})
