/** The relay on the wire, line by line. */
import { describe, expect, test } from 'vitest'
import { startFaultServer } from '../support/fault-server.ts'
import { chunk } from '../support/model.ts'
import { answerIn, closing, eventsIn, KEY, QUESTION, startRelay } from '../support/relay.ts'

const hello = (turn: { say(...words: string[]): { finish(): void } }) => turn.say('Hel', 'lo').finish()
const readFirst = async (response: Response) => {
  const reader = response.body!.getReader()
  const { value } = await reader.read()
  return { text: new TextDecoder().decode(value), reader }
}

describe('a question', () => {
  test('is answered at once, before the provider has said anything', async () => {
    const { ask, model } = await startRelay({ heartbeatMs: 20 })
    const response = await ask()
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'content-location': expect.stringMatching(/^\/answers\/a[0-9A-Za-z]{22}$/),
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    const { text, reader } = await readFirst(response)
    expect(text).toMatch(/^: {2048}\n\nretry: 300\nid:0\n\n/)
    const beat = await reader.read()
    expect(new TextDecoder().decode(beat.value)).toBe(':\n\n')
    expect(model.turns.length).toBeLessThanOrEqual(1)
    await reader.cancel()
  })

  test('goes to the provider with the key of the server, streamed, and without the cookies of the page', async () => {
    const { ask, model } = await startRelay({ script: hello })
    await (
      await ask({
        headers: { cookie: 'a=b', authorization: 'Bearer theirs' },
        json: { ...QUESTION, stream: false },
      })
    ).text()
    const { headers } = model.turns[0]!.request
    expect(model.turns[0]!.body).toMatchObject({ ...QUESTION, stream: true })
    expect([headers.authorization, headers.cookie]).toEqual([`Bearer ${KEY}`, undefined])
  })

  test('is made into what ask says, or refused by its Response', async () => {
    const { ask, model } = await startRelay({
      script: hello,
      ask: ({ text }) =>
        text
          ? { model: 'own', messages: [{ role: 'user', content: text }] }
          : new Response('no', { status: 418 }),
    })
    await (await ask({ json: { text: 'Hi' } })).text()
    expect(model.turns[0]!.body).toMatchObject({ model: 'own', messages: [{ role: 'user', content: 'Hi' }] })
    expect((await ask({ json: {} })).status).toBe(418)
  })

  test('has its events verbatim, with ids of the relay, and one verdict', async () => {
    const odd =
      'event: x.y\r\nid: theirs\r\nretry: 5\r\ndata: {"choices":[{"index":0,\r\ndata: "delta":{"content":"a"}}]}\r\n\r\n'
    const { ask } = await startRelay({
      script: (turn) => turn.write(chunk({ role: 'assistant' }) + odd).finish(),
    })
    const text = await (await ask()).text()
    expect(eventsIn(text)).toEqual([
      { id: '1', data: expect.stringContaining('assistant') },
      { id: '2', event: 'x.y', data: '{"choices":[{"index":0,\n"delta":{"content":"a"}}]}' },
      { id: '3', data: expect.stringContaining('stop') },
      { id: '4', data: '[DONE]' },
    ])
    expect(text.endsWith('\n\n: holdfast done\n\n')).toBe(true)
    expect(text).not.toMatch(/retry: 5\n|theirs/)
  })

  test('has events made of JSON that came without, whatever breaks its lines', async () => {
    const { ask } = await startRelay({
      script: (turn) =>
        turn
          .write(
            '{"choices":[{"index":0,\r"delta":\r\n{"content":"a"}}]}\r\n{"choices":[{"index":0,\n"delta":{},"finish_reason":"stop"}]}',
          )
          .end(),
    })
    expect(
      eventsIn(await (await ask()).text()).map(({ data = '' }) => JSON.parse(data).choices[0].delta),
    ).toEqual([{ content: 'a' }, {}])
  })

  test('is asked again as long as nothing of an answer has come', async () => {
    let asked = 0
    const { ask, model } = await startRelay({
      script: (turn) => {
        if (++asked === 1) turn.refuse(503, { error: { message: 'busy' } })
        else if (asked === 2) turn.write(chunk({ role: 'assistant' })).cut()
        else hello(turn)
      },
    })
    expect(answerIn(await (await ask()).text())).toEqual({ text: 'Hello', end: 'done', state: 'done' })
    expect(model.turns.length).toBe(3)
  })
})

describe('an answer that is not whole', () => {
  test.each([
    ['cut off', 'network', (turn: { cut(): void }) => turn.cut()],
    ['ended too early', 'truncated', (turn: { end(): void }) => turn.end()],
  ])('when it is %s ends as %s, once, and is not asked for again', async (_how, code, fault) => {
    const { ask, at, model } = await startRelay()
    const response = await ask()
    const turn = (await model.turn(0)).say('Hel')
    await new Promise((resolve) => setTimeout(resolve, 50))
    fault(turn)
    const text = await response.text()
    expect(answerIn(text)).toEqual({ text: 'Hel', end: code, state: 'error' })
    expect(JSON.parse(eventsIn(text).at(-1)?.data ?? '').error).toMatchObject({ code, retryable: false })
    expect(answerIn(await (await fetch(at(response))).text())).toEqual({
      text: 'Hel',
      end: code,
      state: 'error',
    })
    expect(model.turns.length).toBe(1)
  })

  test('because of an error in the stream says so in words of the relay, without the key', async () => {
    const { ask } = await startRelay({
      script: (turn) =>
        turn
          .say('Hel')
          .write(
            `data: {"error":{"message":"bad key ${KEY}","code":"context_length_exceeded","type":"invalid_request_error"}}\n\n`,
          )
          .finish(),
    })
    const text = await (await ask()).text()
    expect(answerIn(text)).toEqual({ text: 'Hel', end: 'context_length_exceeded', state: 'error' })
    expect(text).not.toContain(KEY)
    expect(eventsIn(text).length).toBe(2)
  })

  test('because the provider refuses tells its code', async () => {
    const { ask } = await startRelay({
      script: (turn) =>
        turn.refuse(401, { error: { message: `Incorrect API key ${KEY}`, code: 'invalid_api_key' } }),
    })
    const text = await (await ask()).text()
    expect(answerIn(text)).toEqual({ text: '', end: 'invalid_api_key', state: 'error' })
    expect(text).not.toContain(KEY)
  })

  test.each([
    [
      'anthropic',
      'event: message_start\ndata: {"type":"message_start","message":{}}\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}\n\n',
      'error',
      { type: 'error', error: { code: 'network', retryable: false } },
    ],
    [
      'openaiResponses',
      'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\nevent: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"a"}\n\n',
      'error',
      { type: 'error', code: 'network', error: { retryable: false } },
    ],
    [
      'uiMessages',
      'data: {"type":"start"}\n\ndata: {"type":"text-start","id":"1"}\n\ndata: {"type":"text-delta","id":"1","delta":"a"}\n\n',
      undefined,
      { type: 'error', errorText: expect.stringContaining('(network)') },
    ],
    [
      'agui',
      'data: {"type":"RUN_STARTED","threadId":"t","runId":"r"}\n\ndata: {"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"a"}\n\n',
      undefined,
      { type: 'RUN_ERROR', code: 'network' },
    ],
  ])('ends in the shape of %s', async (_name, events, event, data) => {
    const { ask, model } = await startRelay()
    const response = await ask()
    const turn = (await model.turn(0)).write(events)
    await new Promise((resolve) => setTimeout(resolve, 50))
    turn.cut()
    const last = eventsIn(await response.text()).at(-1)
    expect(last?.event).toBe(event)
    expect(JSON.parse(last?.data ?? '')).toMatchObject(data)
  })
})

describe('a reader', () => {
  test('who comes late is given what there is, then what comes', async () => {
    const { ask, at, model } = await startRelay()
    const response = await ask()
    const turn = (await model.turn(0)).say('Once', ' upon')
    await readFirst(response)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const late = await fetch(at(response), { headers: { 'last-event-id': '1' } })
    const { text, reader } = await readFirst(late)
    turn.say(' a time').finish()
    let all = text
    for (let part = await reader.read(); !part.done; part = await reader.read())
      all += new TextDecoder().decode(part.value)
    expect(answerIn(all)).toEqual({ text: ' upon a time', end: 'done', state: 'done' })
    expect(all).toContain('\n\n: live\n\n')
    expect(eventsIn(all).map(({ id }) => id)).toEqual(['2', '3', '4', '5'])
  })

  test('goes by the header before ?after, and has nothing left after the last event', async () => {
    const { ask, at } = await startRelay({ script: hello })
    const response = await ask()
    await response.text()
    const address = at(response)
    expect(eventsIn(await (await fetch(`${address}?after=3`)).text()).map(({ id }) => id)).toEqual(['4'])
    const both = await fetch(`${address}?after=3`, { headers: { 'last-event-id': '1' } })
    expect(eventsIn(await both.text()).map(({ id }) => id)).toEqual(['2', '3', '4'])
    expect((await fetch(`${address}?after=4`)).status).toBe(204)
  })

  test('who has seen more than there is is told how it ended', async () => {
    const { ask, at, model } = await startRelay()
    const response = await ask()
    ;(await model.turn(0)).say('a').end()
    await response.text()
    const beyond = await fetch(`${at(response)}?after=70`)
    expect([beyond.status, answerIn(await beyond.text()).end]).toEqual([200, 'truncated'])
  })

  test('is told the state by HEAD', async () => {
    const { ask, at, model } = await startRelay()
    const response = await ask()
    const state = async () => (await fetch(at(response), { method: 'HEAD' })).headers.get('holdfast-state')
    expect(await state()).toBe('running')
    ;(await model.turn(0)).say('a').finish()
    await response.text()
    expect(await state()).toBe('done')
  })

  test('who stops reading holds nobody up', async () => {
    const { ask, at, model } = await startRelay()
    const stuck = await ask()
    const turn = await model.turn(0)
    for (let at = 0; at < 200; at++) turn.say('x'.repeat(10_000))
    turn.finish()
    const other = await fetch(at(stuck))
    expect(answerIn(await other.text()).text.length).toBe(2_000_000)
    await stuck.body?.cancel()
  })

  test('is sent away after rotateMs, after an event, and goes on by id', async () => {
    const { ask, at, model } = await startRelay({ rotateMs: 30 })
    const response = await ask()
    setTimeout(async () => (await model.turn(0)).say('Hel'), 80)
    const first = await response.text()
    expect(answerIn(first)).toEqual({ text: 'Hel', end: undefined, state: undefined })
    ;(await model.turn(0)).say('lo').finish()
    const rest = await (await fetch(at(response), { headers: { 'last-event-id': '1' } })).text()
    expect(answerIn(rest)).toEqual({ text: 'lo', end: 'done', state: 'done' })
  })
})

describe('stopping', () => {
  test.each([
    ['DELETE', ''],
    ['POST', '/stop'],
  ])('by %s %s ends the request at the provider, and the answer for all readers', async (method, path) => {
    const { ask, at, model } = await startRelay()
    const response = await ask()
    const turn = (await model.turn(0)).say('Hel')
    const other = fetch(at(response)).then((each) => each.text())
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (let twice = 0; twice < 2; twice++)
      expect((await fetch(at(response) + path, { method })).status).toBe(204)
    await turn.closed
    for (const text of [await response.text(), await other])
      expect(answerIn(text)).toEqual({ text: 'Hel', end: 'stopped', state: 'stopped' })
  })

  test('with ?forget removes it', async () => {
    const { ask, at } = await startRelay({ script: hello })
    const response = await ask()
    await response.text()
    expect((await fetch(`${at(response)}?forget`, { method: 'DELETE' })).status).toBe(204)
    expect((await fetch(at(response))).status).toBe(404)
  })

  test('happens by itself when nobody reads for abandonMs', async () => {
    const ended: string[] = []
    const { ask, model } = await startRelay({ abandonMs: 50, onAnswer: ({ state }) => ended.push(state) })
    const leaving = new AbortController()
    const { reader } = await readFirst(await ask({ signal: leaving.signal }))
    const turn = await model.turn(0)
    turn.say('a')
    await reader.read()
    leaving.abort()
    await turn.closed
    await expect.poll(() => ended).toEqual(['stopped'])
  })
})

describe('the same question twice', () => {
  const key = 'k'.repeat(22)
  const twin = (stage: Awaited<ReturnType<typeof startRelay>>, json: unknown = QUESTION, own = key) =>
    stage.ask({ json, headers: { 'idempotency-key': own } })

  test('at the same time is one answer, and later, too', async () => {
    const stage = await startRelay({ script: hello })
    const [one, other] = await Promise.all([twin(stage), twin(stage)])
    expect(stage.at(one)).toBe(stage.at(other))
    for (const each of [one, other, await twin(stage)])
      expect(answerIn(await each.text())).toEqual({ text: 'Hello', end: 'done', state: 'done' })
    expect(stage.model.turns.length).toBe(1)
  })

  test('with another body is 422', async () => {
    const stage = await startRelay({ script: hello })
    const first = await twin(stage)
    for (let at = 0; at < 2; at++) {
      const other = await twin(stage, { ...QUESTION, model: 'other' })
      expect([other.status, (await other.json()).error.code]).toEqual([422, 'key_reused'])
      if (at === 0) await first.text()
    }
  })

  test('is asked anew after a failure', async () => {
    const stage = await startRelay()
    const first = await twin(stage)
    ;(await stage.model.turn(0)).say('a').end()
    await first.text()
    const second = await twin(stage)
    hello(await stage.model.turn(1))
    expect(answerIn(await second.text()).text).toBe('Hello')
  })

  test('with a key that is no secret is two, where nobody is known', async () => {
    const stage = await startRelay({ script: hello })
    await Promise.all(
      [twin(stage, QUESTION, 'short'), twin(stage, QUESTION, 'short')].map(async (each) =>
        (await each).text(),
      ),
    )
    expect(stage.model.turns.length).toBe(2)
  })

  test('by two owners is two', async () => {
    const stage = await startRelay({
      script: hello,
      authorize: (request) => request.headers.get('x-user') ?? undefined,
    })
    const by = (user: string) => stage.ask({ headers: { 'idempotency-key': 'k', 'x-user': user } })
    for (const each of await Promise.all([by('a'), by('a'), by('b')])) await each.text()
    expect(stage.model.turns.length).toBe(2)
  })
})

describe('an owner', () => {
  test('sees nothing of another, not even that it exists', async () => {
    const stage = await startRelay({
      script: hello,
      authorize: (request) => request.headers.get('x-user') ?? undefined,
    })
    const by = (user: string, method = 'GET') => ({ method, headers: { 'x-user': user } })
    const address = stage.at(await stage.ask({ headers: { 'x-user': 'a' } }))
    const unknown = address.replace(/.{5}$/, '00000')
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      const [foreign, none] = await Promise.all([
        fetch(address, by('b', method)),
        fetch(unknown, by('b', method)),
      ])
      expect([foreign.status, await foreign.text()]).toEqual([404, await none.text()])
      const shown = ({ headers }: Response) => [...headers].filter(([name]) => name !== 'date')
      expect(shown(foreign)).toEqual(shown(none))
    }
    expect((await fetch(address)).status).toBe(401)
    expect(answerIn(await (await fetch(address, by('a'))).text()).text).toBe('Hello')
  })

  test('may be refused by a Response', async () => {
    const { ask } = await startRelay({ authorize: () => new Response('go away', { status: 402 }) })
    const response = await ask()
    expect([response.status, await response.text()]).toEqual([402, 'go away'])
  })

  test('has so many answers running, and no more', async () => {
    const { ask, model } = await startRelay({ maxRunning: 2, authorize: () => 'me' })
    const open = [await ask(), await ask()]
    const third = await ask()
    expect([third.status, third.headers.get('retry-after'), (await third.json()).error.code]).toEqual([
      429,
      '5',
      'too_many_answers',
    ])
    for (const [at, each] of open.entries()) {
      hello(await model.turn(at))
      await each.text()
    }
    expect((await ask()).status).toBe(200)
  })
})

describe('a page elsewhere', () => {
  const origins = ['https://app.example.com']
  test('is allowed by the list', async () => {
    const { url, ask } = await startRelay({ script: hello, origins })
    const asked = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, x-own',
    }
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: origins[0]!, ...asked } })
    expect(preflight.status).toBe(204)
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': origins[0],
      'access-control-allow-headers': 'content-type, x-own',
      'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
    })
    const response = await ask({ headers: { origin: origins[0]!, 'x-request-id': 'r-1' } })
    expect(response.headers.get('access-control-expose-headers')).toBe(
      'Content-Location, Retry-After, X-Request-Id, Holdfast-State',
    )
    expect(response.headers.get('x-request-id')).toBe('r-1')
    await response.text()
  })

  test('that is not on it learns nothing, and may not ask with the cookies of its visitors', async () => {
    const { url, ask, model } = await startRelay({ script: hello, origins })
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } })
    expect(preflight.headers.get('access-control-allow-origin')).toBe(null)
    const response = await ask({
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    })
    expect([response.status, model.turns.length]).toEqual([403, 0])
  })
})

describe('the path', () => {
  test('as the page sees it is publicPath', async () => {
    const { ask } = await startRelay({ script: hello, publicPath: '/api/chat/' })
    expect((await ask()).headers.get('content-location')).toMatch(/^\/api\/chat\/a\w{22}$/)
  })

  test('is never a host', async () => {
    const { relay } = await startRelay({ script: hello })
    const request = new Request('http://relay.test//other.test/', { method: 'POST', body: '{}' })
    const { headers } = await relay.fetch(request)
    expect(headers.get('content-location')).toMatch(/^\/other\.test\/a\w{22}$/)
  })
})

test('what is told of an answer holds its figures, and none of its words', async () => {
  const told: unknown[] = []
  const { ask } = await startRelay({
    onAnswer: (each) => told.push(each),
    script: (turn) =>
      turn
        .say('secret words')
        .write('data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}\n\n')
        .finish(),
  })
  await (await ask()).text()
  await expect
    .poll(() => told)
    .toEqual([expect.objectContaining({ state: 'done', attempts: 1, readers: 1, code: undefined })])
  expect(told[0]).toMatchObject({
    usage: { inputTokens: 3, outputTokens: 5 },
    attributes: { 'gen_ai.usage.input_tokens': 3, 'gen_ai.usage.output_tokens': 5 },
  })
  expect(JSON.stringify(told)).not.toMatch(/secret words|sk-secret/)
})

test('a provider that resumes by repeating what it had said is heard once', async () => {
  const event = (id: number, content: string) => `id: ${id}\n${chunk({ content })}`
  const provider = closing(
    await startFaultServer(
      {
        headers: { 'content-type': 'text/event-stream' },
        steps: [event(1, 'Once '), event(2, 'upon '), { wait: 50 }, 'RST'],
      },
      {
        headers: { 'content-type': 'text/event-stream' },
        steps: [
          event(1, 'Once '),
          event(2, 'upon '),
          event(3, 'a time'),
          `${chunk({}, 'stop')}data: [DONE]\n\n`,
          'END',
        ],
      },
    ),
    (each) => each.close(),
  )
  const { ask } = await startRelay({
    client: {
      baseUrl: provider.url.replace('/chat/completions', ''),
      resume: ({ position }) => ({
        url: provider.url,
        headers: { 'last-event-id': position?.lastEventId ?? '' },
      }),
    },
  })
  const text = await (await ask()).text()
  expect(answerIn(text)).toEqual({ text: 'Once upon a time', end: 'done', state: 'done' })
  expect(provider.requests.length).toBe(2)
})
