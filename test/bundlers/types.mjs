// @ts-check
/** Each compiler against the types of the package: three ways to find them, with the DOM and without, nothing skipped. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { execPath } from 'node:process'
import { promisify } from 'node:util'
import { AREA, files, HERE, ROOT } from './project.mjs'

const run = promisify(execFile)

/** @typedef {{ path: string, version: string }} Compiler */

/**
 * Those that are installed.
 *
 * @returns {readonly Compiler[]}
 */
export const compilers = () =>
  [
    `${HERE}node_modules/typescript54`,
    ...['typescript5', 'typescript', 'typescript7'].map((name) => `${ROOT}node_modules/${name}`),
  ]
    .filter((path) => existsSync(path))
    .map((path) => ({ path, version: JSON.parse(readFileSync(`${path}/package.json`, 'utf8')).version }))

const PAGE = `import { createClient, isStreamError, render, stream } from 'holdfast'
import { stream as lean } from 'holdfast/core'
import { openaiChat } from 'holdfast/dialects'
import { scriptedFetch } from 'holdfast/testing'
await render(stream('/api/chat', { json: {} }), document.querySelector('#output'))
for await (const delta of lean('/api/chat', { dialect: openaiChat, fetch: scriptedFetch({}) })) if (delta.type === 'text') delta.text.trim()
await createClient({ baseUrl: '/api' }).chat({}).text().catch((error: unknown) => isStreamError(error) && error.code === 'http' && error.status)
`
const SERVER = `import { createClient } from 'holdfast/core'
import { openaiChat } from 'holdfast/dialects'
import { createRelay } from 'holdfast/relay'
const relay = createRelay({ ai: createClient({ dialect: openaiChat, headers: async ({ attempt }) => ({ 'x-attempt': attempt.toFixed() }) }) })
export const POST: (request: Request) => Promise<Response> = relay.fetch
`
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' }
// The other two find files alike: one for each side will do.
const SIDES = [
  {
    code: PAGE,
    ...{ lib: ['es2022', 'dom'], types: [] },
    ways: [BUNDLER, { module: 'node16', moduleResolution: 'node16' }],
  },
  {
    code: SERVER,
    ...{ lib: ['es2022'], types: ['node'] },
    ways: [BUNDLER, { module: 'nodenext', moduleResolution: 'nodenext' }],
  },
]

/** @param {Compiler} compiler */
export async function complaintsOf({ path, version }) {
  const said = []
  for (const [at, { code, ways, ...side }] of SIDES.entries())
    for (const way of ways) {
      const folder = `${AREA}types-${version}-${way.module}-${at}/`
      const compilerOptions = {
        ...{ target: 'es2022', strict: true, exactOptionalPropertyTypes: true },
        ...way,
        ...side,
        skipLibCheck: false,
        noEmit: true,
      }
      files(folder, {
        'package.json': '{ "type": "module" }',
        'page.ts': code,
        'tsconfig.json': JSON.stringify({ compilerOptions, files: ['page.ts'] }),
      })
      try {
        await run(execPath, [`${path}/bin/tsc`, '-p', folder])
      } catch (error) {
        const { stdout } = /** @type {{ stdout: string }} */ (error)
        // Node's own types ask for a newer compiler than the oldest ones; that is not ours to mend.
        const ours = stdout.split('\n').find((line) => /holdfast\/dist|page\.ts/.test(line))
        if (ours) said.push(`${way.moduleResolution}, ${at ? 'a server' : 'a page'}: ${ours}`)
      }
    }
  return said.join('\n')
}
