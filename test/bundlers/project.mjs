// @ts-check
/** A user's project, with the package as it would be published. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const HERE = fileURLToPath(new URL('./', import.meta.url))
/** Below the project, so that what the package depends on is found. */
export const AREA = `${HERE}.area/`

/** Part of a page: something of each entry that a page would use. */
export const ANSWER = `import { isStreamError, render, stream } from 'holdfast'
import { stream as lean } from 'holdfast/core'
import { openaiChat } from 'holdfast/dialects'
import { render as renderAlone } from 'holdfast/dom'
import { scriptedFetch } from 'holdfast/testing'

export async function answer() {
  const events = [...['Hel', 'lo'].map((content) => ({ choices: [{ delta: { content } }] })), '[DONE]']
  const fetch = scriptedFetch({ events })
  const one = await stream('https://a.test/', { fetch, json: {} }).text()
  const other = await lean('https://a.test/', { fetch, dialect: openaiChat, json: {} }).text()
  return [one, other, typeof render, typeof renderAlone, isStreamError(undefined)].join(' ')
}
`
export const ANSWERED = 'Hello Hello function function false'

/** Packs the package, and unpacks it where the projects find it. */
export function prepare() {
  rmSync(AREA, { recursive: true, force: true })
  const packed = `${AREA}node_modules/holdfast`
  mkdirSync(packed, { recursive: true })
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', AREA], { cwd: ROOT })
  const [tarball] = readdirSync(AREA).filter((name) => name.endsWith('.tgz'))
  execFileSync('tar', ['-xzf', `${AREA}${tarball}`, '--strip-components=1', '-C', packed])
  // Not a workspace of the project above.
  files(AREA, { 'package.json': '{ "private": true, "type": "module" }' })
}

/** @param {string} folder @param {Record<string, string>} contents by path */
export function files(folder, contents) {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** A page whose script tells its answer to \`done\`. @param {string} folder */
export function page(folder) {
  files(folder, {
    'package.json': '{ "private": true, "type": "module", "name": "page" }',
    'answer.js': ANSWER,
    'main.js': "import { answer } from './answer.js'\nglobalThis.done(answer())\n",
    'index.html': '<!doctype html><script type="module" src="./main.js"></script>',
  })
}

/** Runs a built script in a process of its own. @param {string} script */
export function answered(script) {
  const run = `
    globalThis.self = globalThis.window = globalThis
    globalThis.done = (answer) => answer.then((text) => console.log(text))
    await import(${JSON.stringify(script)})`
  const said = execFileSync(execPath, ['--input-type=module', '--eval', run], { stdio: 'pipe' })
    .toString()
    .trim()
  return said === ANSWERED ? '' : `It said: ${said}`
}
