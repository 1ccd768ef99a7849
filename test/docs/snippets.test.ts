/**
 * The code of the README and of docs/ runs. Behind a snippet's language stands, unseen by readers, what is to be done with
 * it: nothing (it is run in a page), `server` (what it exports is asked, as a server's route), `hang` (the stream stays
 * open), `compiled` (it is not run: see `test/types/docs.test.ts`), `process` (it is run in one: see
 * `test/readme.test.ts`), `recipe` (it is part of a file in `test/recipes`, which is run there).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { begun, whole } from '../support/chat.ts'
import { pages, type Snippet } from '../support/markdown.ts'
import { runSnippet } from '../support/run-snippet.ts'
import { useServer } from '../support/use-server.ts'

const WORDS = ['server', 'hang', 'compiled', 'process', 'recipe']
const ELSEWHERE = ['compiled', 'process', 'recipe']
const snippets = pages.flatMap(({ snippets }) => snippets).filter(({ language }) => language === 'js')
const run = snippets.filter(({ words }) => !ELSEWHERE.some((word) => words.includes(word)))
const server = useServer()

describe('a snippet runs', () => {
  test.each(pageSnippets())('%s', async (_name, { code, words }) => {
    server.play(words.includes('hang') ? begun(['Hel'], 'HANG') : whole('Hel', 'lo'))
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const { document } = await runSnippet(code, server.url)
    await expect.poll(() => server.requests.length + log.mock.calls.length).toBeGreaterThan(0)
    expect(document.querySelector('#status')?.textContent).toMatch(/^(The answer is complete\.|完成。)?$/)
    if (code.includes('await render(')) expect(document.querySelector('#output')?.textContent).toBe('Hello')
    await expect.poll(() => server.openSockets).toBe(0)
  })
})

describe('a route of a server answers', () => {
  test.each(named(run.filter(({ words }) => words.includes('server'))))('%s', async (_name, { code }) => {
    server.play(whole('Hel', 'lo'))
    const { exported } = await runSnippet(code, server.url)
    const route = (exported.POST ?? (exported.standard as { fetch?: unknown })?.fetch) as Route
    const asked = new Request('http://own.test/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"messages":[{"role":"user","content":"Hi"}]}',
    })
    const response = await route(asked)
    expect(response.status).toBe(200)
    expect(await response.text()).toMatch(/Hel[\s\S]*lo/)
  })
})

describe('a recipe is part of one that is run', () => {
  const all = pages.flatMap(({ snippets }) => snippets).filter(({ words }) => words.includes('recipe'))
  const folder = new URL('../recipes/', import.meta.url)
  const files = ['jest', 'vitest'].flatMap((each) =>
    readdirSync(new URL(each, folder))
      .filter((name) => /\.jsx?$/.test(name))
      .map((name) => readFileSync(new URL(`${each}/${name}`, folder), 'utf8')),
  )

  test.each(named(all))('%s', (_name, { code }) => {
    expect(files.some((file) => file.includes(code.trim()))).toBe(true)
  })
})

test('each snippet says what the tests know', () => {
  const unknown = snippets.flatMap(({ words }) => words).filter((word) => !WORDS.includes(word))
  expect(unknown).toEqual([])
  expect(run.length).toBeGreaterThan(20)
})

type Route = (request: Request) => Promise<Response>

function pageSnippets(): [string, Snippet][] {
  return named(run.filter(({ words }) => !words.includes('server')))
}

function named(some: readonly Snippet[]): [string, Snippet][] {
  return some.map((snippet) => [`${snippet.file}:${snippet.line}`, snippet])
}
