// @ts-check
/**
 * What a page loads of each export when it imports nothing else: bundled by esbuild, minified by terser (as the CDN file
 * is), gzipped, and by brotli. `sizes.json` holds the bytes, so that no change grows one unseen.
 *
 *     npm run size                 prints the table, and what has changed
 *     npm run size -- --write      keeps the sizes as they are
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'

const root = new URL('..', import.meta.url)
const KEPT = new URL('sizes.json', import.meta.url)

/** The exports of an entry that are worth a row: those that bring code of their own. */
const ENTRIES = {
  holdfast: ['stream', 'createClient', 'render', 'auto', 'isStreamError', 'createFetch'],
  'holdfast/core': ['stream', 'createClient'],
  'holdfast/dom': ['render'],
  'holdfast/fetch': ['createFetch'],
  'holdfast/dialects': ['openaiChat', 'openaiResponses', 'anthropic', 'gemini', 'ollama', 'plain'],
  'holdfast/testing': ['scriptedFetch'],
}

/** What a page really imports together. */
const TOGETHER = {
  'holdfast/core: stream with openaiChat':
    "export { stream } from './dist/core.js'; export { openaiChat } from './dist/dialects.js'",
  'holdfast/core: stream with openaiChat and render':
    "export { stream } from './dist/core.js'; export { openaiChat } from './dist/dialects.js'; export { render } from './dist/dom.js'",
  'holdfast: stream and render': "export { stream, render } from './dist/index.js'",
  ky: "export { default } from 'ky'",
  'eventsource-parser': "export { createParser } from 'eventsource-parser'",
}

/** What a binding adds to the client that a page has: the framework is there, and what both use counts once. */
const BINDINGS = {
  'holdfast/store': ['createConversation'],
  'holdfast/react': ['useConversation', 'useReply'],
  'holdfast/vue': ['useConversation', 'useReply'],
  'holdfast/svelte': ['useConversation', 'useReply'],
  'holdfast/element': ['defineAnswer'],
}
const CLIENT = "export { createClient, render, stream } from './dist/index.js'"

/** @param {string} contents - a module that imports from `dist`. */
async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(root) },
    external: ['react', 'vue', 'svelte'],
    ...{ bundle: true, minify: true, write: false, format: 'esm', target: 'es2022' },
  })
  const { code = '' } = await minify(outputFiles[0]?.text ?? '', {
    module: true,
    ecma: 2020,
    compress: { passes: 2 },
  })
  return packed(code)
}

/** @typedef {{ gzip: number, brotli: number }} Size bytes on the wire, by what carries them */

/** @param {string | Buffer} code @returns {Size} */
const packed = (code) => ({
  gzip: gzipSync(code, { level: 9 }).length,
  brotli: brotliCompressSync(code).length,
})

/**
 * Bytes, by what is loaded.
 *
 * @returns {Promise<Record<string, Size>>}
 */
export async function measure() {
  const file = readFileSync(new URL('dist/holdfast.min.js', root))
  /** @type {Record<string, Size>} */
  const sizes = { 'dist/holdfast.min.js': packed(file) }
  for (const [what, contents] of Object.entries(TOGETHER)) sizes[what] = await bundled(contents)
  for (const [entry, names] of Object.entries(ENTRIES)) {
    const [, part = 'index'] = entry.split('/')
    for (const name of names)
      sizes[`${entry}: ${name}`] = await bundled(`export { ${name} } from './dist/${part}.js'`)
  }
  const client = await bundled(CLIENT)
  for (const [entry, names] of Object.entries(BINDINGS)) {
    const own = `export { ${names.join(', ')} } from './dist/${entry.split('/')[1]}.js'`
    const both = await bundled(`${CLIENT}; ${own}`)
    sizes[`${entry}: beyond the client`] = {
      gzip: both.gzip - client.gzip,
      brotli: both.brotli - client.brotli,
    }
  }
  return sizes
}

/** @returns {Record<string, Size>} */
export function kept() {
  return JSON.parse(readFileSync(KEPT, 'utf8'))
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await measure()
  if (argv.includes('--write')) writeFileSync(KEPT, `${JSON.stringify(sizes, null, 2)}\n`)
  const before = kept()
  const kB = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1)
  console.table(
    Object.fromEntries(
      Object.entries(sizes).map(([what, { gzip, brotli }]) => [
        what,
        {
          'kB gzipped': kB(gzip),
          'since sizes.json': gzip - (before[what]?.gzip ?? 0),
          'kB by brotli': kB(brotli),
        },
      ]),
    ),
  )
}
