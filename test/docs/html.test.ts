/** The pages that the README and the guide show run in a browser as they stand, without a bundler; only the CDN is here. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Driver, engines } from '../browser/engines.ts'
import { pages } from '../support/markdown.ts'

const DIST = new URL('../../dist/', import.meta.url)
const isPlaces = (code: string): boolean => code.includes('type="importmap"')
const all = pages.flatMap(({ snippets }) => snippets).filter(({ language }) => language === 'html')

/** What asks, each with where its own page says that `holdfast` is. */
const shown = all
  .filter(({ code }) => /\bsrc="\/api\/chat"|\bstream\('\/api\/chat'/.test(code))
  .map(({ file, line, code }) => {
    const places = all.find((other) => other.file === file && isPlaces(other.code))?.code ?? ''
    return { name: `${file}:${line}`, page: atHome(places + code) }
  })

function atHome(code: string): string {
  return code.replace(/https:\/\/cdn\.jsdelivr\.net\/npm\/holdfast@[\d.]+\/dist\//g, '/')
}

const ANSWER = 'data: {"text":"Hel"}\n\ndata: {"text":"lo"}\n\ndata: [DONE]\n\n'

const server = createServer(async ({ url = '/' }, response) => {
  const [type, content] = await whatIsAt(url)
  response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content)
})

async function whatIsAt(url: string): Promise<readonly [type: string, content: string | undefined]> {
  if (/^\/\d+$/.test(url)) return ['text/html; charset=utf-8', shown[Number(url.slice(1))]?.page]
  if (url === '/api/chat') return ['text/event-stream', ANSWER]
  const name = url === '/holdfast.js' ? 'holdfast.min.js' : url.slice(1)
  return ['text/javascript', await readFile(new URL(name, DIST), 'utf8').catch(() => undefined)]
}

describe.each(engines)('in $name', (engine) => {
  let driver: Driver
  let at: string
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    driver = await engine.launch()
  })
  afterAll(async () => {
    await driver.close()
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })

  test.each(shown.map(({ name }, at) => [name, at] as const))('%s', async (_name, which) => {
    await driver.goto(`${at}/${which}`)
    await driver.evaluate(`(() => {
      const form = document.querySelector('form')
      if (!form) return
      form.elements[0].value = 'Hi'
      form.requestSubmit()
    })()`)
    const text = () =>
      driver.evaluate("document.querySelector('#answer, holdfast-answer')?.textContent ?? ''")
    await expect.poll(text, { timeout: 10_000 }).toBe('Hello')
  })
})

test('they are found', () => {
  expect(shown.length).toBeGreaterThanOrEqual(12)
})
