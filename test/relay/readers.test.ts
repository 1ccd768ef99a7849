/** The recipes for readers: other people's code, which reads a relay as it reads a provider. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serve } from 'srvx'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Driver, engines } from '../browser/engines.ts'
import { closing, startRelay } from '../support/relay.ts'

const RECIPES = new URL('../../demo/relay/recipes/', import.meta.url)

describe('the official SDK', () => {
  async function asking() {
    const stage = await startRelay()
    const file = fileURLToPath(new URL('openai-sdk.mjs', RECIPES))
    const env = { PATH: process.env.PATH, RELAY_URL: stage.url }
    const child = closing(spawn(process.execPath, [file, 'Hi'], { env }), (each) => each.kill('SIGKILL'))
    const said = { out: '', err: '' }
    child.stdout.on('data', (text) => {
      said.out += text
    })
    child.stderr.on('data', (text) => {
      said.err += text
    })
    const ended = new Promise((resolve) => child.on('close', resolve))
    return { ...stage, child, said, ended, turn: await stage.model.turn(0) }
  }

  test('reads an answer as it comes', async () => {
    const { said, ended, turn } = await asking()
    expect(turn.body).toMatchObject({ messages: [{ role: 'user', content: 'Hi' }], stream: true })
    turn.say('Hel')
    await expect.poll(() => said.out).toBe('Hel')
    turn.say('lo').finish()
    expect([await ended, said]).toEqual([0, { out: 'Hello', err: '' }])
  })

  test('is told how an answer has ended that is not whole, and the model is stopped with Ctrl-C', async () => {
    const { child, said, ended, turn } = await asking()
    turn.say('Hel')
    await expect.poll(() => said.out).toBe('Hel')
    child.kill('SIGINT')
    await turn.closed
    expect([await ended, said.out]).toEqual([1, 'Hel'])
    expect(said.err).toBe('\nThe answer was stopped (stopped)\n')
  })
})

describe.each(engines)('EventSource in $name', (engine) => {
  let driver: Driver
  beforeAll(async () => {
    driver = await engine.launch()
  }, 60_000)
  afterAll(() => driver?.close())

  const read = (id: string) => driver.evaluate<string>(`document.querySelector('${id}').textContent`)
  const click = (what: string) => driver.evaluate(`document.querySelector('${what}').click()`)

  /** The page, beside a relay that sends its readers away all the time. */
  async function open() {
    const { relay, model } = await startRelay({ rotateMs: 100 })
    const cursors: (string | null)[] = []
    const html = readFileSync(new URL('eventsource.html', RECIPES), 'utf8')
    const server = serve({
      ...{ port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false },
      fetch(request) {
        const { pathname } = new URL(request.url)
        if (pathname === '/') return new Response(html, { headers: { 'content-type': 'text/html' } })
        if (!pathname.startsWith('/api/chat')) return new Response(null, { status: 404 })
        if (request.method === 'GET') cursors.push(request.headers.get('last-event-id'))
        return relay.fetch(request)
      },
    })
    closing(await server.ready(), (each) => each.close(true))
    closing(driver, (each) => each.goto('about:blank'))
    await driver.goto(server.url ?? '')
    await click('form button')
    return { model, cursors, turn: await model.turn(0) }
  }

  test('reads an answer once, however often it has to come again, and again after a reload', async () => {
    const { model, cursors, turn } = await open()
    turn.say('Hel')
    await expect.poll(() => read('#answer')).toBe('Hel')
    await expect.poll(() => cursors.slice(1)).toContain('1')
    turn.say('lo')
    await expect.poll(() => read('#answer')).toBe('Hello')
    expect(await read('#status')).toBe('Writing the answer…')
    turn.finish()
    await expect.poll(() => read('#status')).toBe('The answer is complete.')
    expect(await read('#answer')).toBe('Hello')
    const address = await driver.evaluate<string>('location.href')
    await driver.goto('about:blank')
    await driver.goto(address)
    await expect.poll(() => read('#status')).toBe('The answer is complete.')
    expect(await read('#answer')).toBe('Hello')
    expect(model.turns.length).toBe(1)
  })

  test('stops the model, and is told so', async () => {
    const { turn } = await open()
    turn.say('Hel')
    await expect.poll(() => read('#answer')).toBe('Hel')
    await click('#stop')
    await turn.closed
    await expect.poll(() => read('#status')).toBe('The answer was stopped (stopped).')
    expect(await read('#answer')).toBe('Hel')
  })
})
