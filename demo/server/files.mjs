// @ts-check
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { bundle } from './bundle.mjs'
import { Refusal } from './refusal.mjs'

const pack = promisify(gzip)
const root = fileURLToPath(new URL('../../', import.meta.url))

/** @type {Record<string, string>} */
const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.jsx': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
}

// The page loads nothing from elsewhere, and the browser holds it to that.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
].join('; ')

// The search of the documentation makes a function of its settings, and its pages show pictures of their own.
const docsPolicy = policy
  .replace("script-src 'self'", "script-src 'self' 'unsafe-eval'")
  .replace('img-src data:', "img-src data: 'self'")

/** @type {Record<string, string>} */
const pages = {
  '/': 'demo/index.html',
  '/examples': 'demo/examples/index.html',
  '/examples/': 'demo/examples/index.html',
  '/vendor/streaming-markdown.js': 'streaming-markdown/smd.js',
}

/** What `npm run docs` builds. */
const DOCS = 'docs/.vitepress/dist'

/**
 * The folders whose files anyone may read. A name is letters, digits, dots and dashes, without a slash, so that no
 * path, however it is written, leads out of its folder.
 * @type {readonly { folder: string, path: RegExp }[]}
 */
const folders = [
  { folder: 'dist', path: /^\/dist\/([\w-][\w.-]*\.(?:js|map|ts))$/ },
  { folder: 'demo/page', path: /^\/page\/([\w-][\w.-]*\.(?:js|css))$/ },
  { folder: 'demo/page/words', path: /^\/page\/words\/((?:en|zh)\.js)$/ },
  { folder: 'demo/examples', path: /^\/examples\/((?:[\w-]+\/)?[\w-][\w.-]*\.(?:html|jsx?|css))$/ },
]

/**
 * The file behind a path: one of the pages, or a file of a folder above.
 * @param {string} path
 */
export function fileFor(path) {
  if (Object.hasOwn(pages, path)) return pages[path]
  for (const { folder, path: pattern } of folders) {
    const name = pattern.exec(path)?.[1]
    if (name) return `${folder}/${name}`
  }
  return docsFileFor(path)
}

/**
 * A file of the built documentation: its pages lie in folders, of which none begins with a dot.
 * @param {string} path
 */
function docsFileFor(path) {
  if (path === '/docs') return `${DOCS}/index.html`
  const [, name] =
    /^\/docs\/((?:[\w-][\w.-]*\/)*(?:[\w@-][\w.@-]*\.(?:html|js|css|json|svg))?)$/.exec(path) ?? []
  return name === undefined ? undefined : `${DOCS}/${name.replace(/(^|\/)$/, '$1index.html')}`
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} file one that `fileFor` returned
 */
export async function sendFile(response, file) {
  const content = await contentOf(file)
  if (!content) throw new Refusal(404, `${file} does not exist; ${makerOf(file)}.`)
  const isPacked = /\bgzip\b/.test(`${response.req.headers['accept-encoding']}`)
  const body = isPacked ? await pack(content) : content
  response.writeHead(200, {
    'content-type': types[extname(file)],
    'content-length': body.length,
    ...(isPacked && { 'content-encoding': 'gzip' }),
    vary: 'Accept-Encoding',
    'cache-control': 'no-cache',
    'content-security-policy': file.startsWith(DOCS) ? docsPolicy : policy,
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

/** @param {string} file */
function makerOf(file) {
  if (file.startsWith(DOCS)) return '`npm run docs` builds the documentation'
  return '`npm run build` makes what is in dist/'
}

/**
 * @param {string} file
 * @returns {Promise<Uint8Array | undefined>}
 */
async function contentOf(file) {
  for (const path of placesOf(file)) {
    const content = await readFile(path).catch(() => undefined)
    if (content) return content
  }
  // No browser reads JSX: the script of an example is made of the .jsx beside it.
  const source = join(root, `${file}x`)
  const isMade = file.startsWith('demo/examples/') && file.endsWith('.js') && existsSync(source)
  return isMade ? bundle(source) : undefined
}

/**
 * Where a file may be. What is installed is looked for as Node does, upwards; by hand, because `require.resolve`
 * finds no package without CommonJS, and `import.meta.resolve` is not there under every test runner.
 * @param {string} file
 */
function placesOf(file) {
  if (file !== pages['/vendor/streaming-markdown.js']) return [join(root, file)]
  const above = createRequire(import.meta.url).resolve.paths(file) ?? []
  return above.map((modules) => join(modules, file))
}
