/** Projects that are set up otherwise than this one: an older library, no DOM, another compiler. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import ts from 'typescript'
import typescript5 from 'typescript5'
import { expect, onTestFinished, test } from 'vitest'
import { complaintsOfProject, ROOT } from './compile.ts'

/** A page's, before `Symbol.asyncDispose` was in the standard; its framework has written into `RequestInit`. */
const PAGE = {
  options: { target: 'es2022', lib: ['es2022', 'dom'], types: [] },
  code: `
    import { isStreamError, render, stream } from 'holdfast'
    import { stream as lean } from 'holdfast/core'
    import { plain } from 'holdfast/dialects'
    import { scriptedFetch } from 'holdfast/testing'
    declare global { interface RequestInit { next?: { revalidate?: number | false } } }
    stream('/api/chat', { next: { revalidate: 60 } })
    await using reply = lean('/api/chat', { dialect: plain, fetch: scriptedFetch({}) })
    await render(stream('/api/chat', { json: {} }), document.querySelector('#output'))
    for await (const delta of reply[Symbol.asyncIterator]()) if (delta.type === 'text') delta.text.trim()
    await reply.text().catch((error: unknown) => isStreamError(error) && error.code === 'http' && error.status)`,
}
/** A server's, without the DOM: there is a `RequestInit`, but no `HeadersInit` or `BodyInit`. */
const SERVER = {
  options: { target: 'es2022', lib: ['es2022'], types: ['node'] },
  code: `
    import { createClient, stream } from 'holdfast/core'
    import { plain } from 'holdfast/dialects'
    import { scriptedFetch } from 'holdfast/testing'
    const headers = { 'content-type': 'text/plain' }
    stream('https://api.example.com', { dialect: plain, body: 'text', fetch: scriptedFetch({ headers }) })
    const client = createClient({ headers: async ({ attempt }) => ({ 'x-attempt': attempt.toFixed() }) })
    client.stream('https://api.example.com', { dialect: plain, headers: new Headers(headers), dispatcher: {} })`,
}

// The two have one programming interface, but each its own enums.
const oldest = typescript5 as unknown as typeof ts

test.each([
  [oldest.version, 'a page with an older library', oldest, PAGE],
  [ts.version, 'a server without the DOM', ts, SERVER],
])('TypeScript %s, with every declaration checked, compiles %s', { timeout: 60_000 }, (...given) => {
  const [, , compiler, { code, options }] = given
  expect(complaintsOfProject(code, { compiler, options })).toEqual([])
})

test('TypeScript 7, with every declaration checked, compiles both', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(`${tmpdir()}/holdfast-consumer-`)
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(`${folder}/node_modules/@types`, { recursive: true })
  await symlink(ROOT, `${folder}/node_modules/holdfast`)
  await symlink(`${ROOT}node_modules/@types/node`, `${folder}/node_modules/@types/node`)
  await writeFile(`${folder}/package.json`, '{ "type": "module" }')
  const shared = { module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, noEmit: true }
  const compiled = [PAGE, SERVER].map(async ({ code, options }, at) => {
    await writeFile(`${folder}/${at}.ts`, code)
    const compilerOptions = { ...shared, ...options, skipLibCheck: false }
    await writeFile(`${folder}/${at}.json`, JSON.stringify({ compilerOptions, files: [`${at}.ts`] }))
    const tsc = `${ROOT}node_modules/typescript7/bin/tsc`
    return promisify(execFile)(process.execPath, [tsc, '-p', `${folder}/${at}.json`]).catch(
      (failed) => failed,
    )
  })
  expect((await Promise.all(compiled)).map(({ stdout }) => stdout)).toEqual(['', ''])
})
