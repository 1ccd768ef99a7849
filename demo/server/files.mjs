// @ts-check
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from './refusal.mjs'

const root = new URL('../../', import.meta.url)

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
}

// The page loads nothing from elsewhere, and the browser holds it to that.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
].join('; ')

/**
 * The file behind a path: the page, or one file of dist/. A name is letters, digits, dots and dashes, without
 * a slash, so that no path, however it is written, leads out of the folder.
 * @param {string} path
 */
export function fileFor(path) {
  if (path === '/') return 'demo/index.html'
  const name = /^\/dist\/([\w-][\w.-]*)$/.exec(path)?.[1]
  return name && types[extname(name)] ? `dist/${name}` : undefined
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} file one that `fileFor` returned
 */
export async function sendFile(response, file) {
  const content = await readFile(fileURLToPath(new URL(file, root))).catch(() => undefined)
  if (!content) throw new Refusal(404, `${file} does not exist; \`npm run build\` makes what is in dist/.`)
  response.writeHead(200, {
    'content-type': types[extname(file)],
    'content-length': content.length,
    'cache-control': 'no-cache',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
  })
  response.end(content)
}
