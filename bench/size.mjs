// @ts-check
/**
 * What a page loads: the CDN file, and what a bundler keeps of the modules. Minified and gzipped, in kB of 1,000 bytes.
 *
 *     npm run size
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const gzipped = (/** @type {Uint8Array} */ bytes) => (gzipSync(bytes, { level: 9 }).length / 1000).toFixed(1)

/**
 * @param {string} contents - a module that imports from `dist`.
 * @param {string[]} external
 */
async function bundled(contents, external = []) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    ...{ bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', external },
  })
  return gzipped(outputFiles[0]?.contents ?? new Uint8Array())
}

/**
 * What would be left of `stream()` if it knew one dialect instead of `auto`, and plain `fetch` instead of ky.
 */
async function lean() {
  const standIns = {
    name: 'stand-ins',
    setup(/** @type {import('esbuild').PluginBuild} */ { onResolve, onLoad }) {
      onResolve({ filter: /dialects\/auto\.ts$|^ky$/ }, ({ path }) => ({ path, namespace: 'stand-in' }))
      onLoad({ filter: /auto/, namespace: 'stand-in' }, () => ({
        contents: "export { openaiChat as auto } from './src/dialects/openai-chat.ts'",
        resolveDir: root,
      }))
      onLoad({ filter: /ky/, namespace: 'stand-in' }, () => ({
        contents: 'export default (url, init) => fetch(url, init); export const isNetworkError = () => false',
      }))
    },
  }
  const { outputFiles } = await build({
    stdin: { contents: "export { stream } from './src/index.ts'", resolveDir: root },
    ...{ bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', plugins: [standIns] },
  })
  return gzipped(outputFiles[0]?.contents ?? new Uint8Array())
}

const stream = "export { stream } from './dist/index.js'"
console.table({
  'dist/holdfast.min.js (everything)': gzipped(
    readFileSync(new URL('dist/holdfast.min.js', `file://${root}`)),
  ),
  'import { stream }': await bundled(stream),
  'import { stream }, without ky and the parser': await bundled(stream, ['ky', 'eventsource-parser']),
  'stream with one dialect and plain fetch': await lean(),
  "import { openaiChat } from 'holdfast/dialects'": await bundled(
    "export { openaiChat } from './dist/dialects.js'",
  ),
  "import { render } from 'holdfast/dom'": await bundled("export { render } from './dist/dom.js'"),
  ky: await bundled("export { default } from 'ky'"),
  'eventsource-parser': await bundled("export { createParser } from 'eventsource-parser'"),
})
