// @ts-check
/**
 * The line of a page that loads a file of the package from a CDN.
 *
 *     node scripts/cdn.mjs      prints those of the files in dist/
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)

/** The files that a page can load alone. */
export const FILES = ['holdfast.min.js', 'holdfast.global.js']

/**
 * @param {string | Uint8Array} code
 * @see https://www.w3.org/TR/sri-2/
 */
export function hashOf(code) {
  return `sha384-${createHash('sha384').update(code).digest('base64')}`
}

/**
 * @param {{ name: string, version: string }} pkg
 * @param {string} file
 * @param {string | Uint8Array} code
 */
export function scriptFor({ name, version }, file, code) {
  const src = `https://cdn.jsdelivr.net/npm/${name}@${version}/dist/${basename(file)}`
  const type = file.includes('global') ? '' : ' type="module"'
  return `<script${type} src="${src}" integrity="${hashOf(code)}" crossorigin="anonymous"></script>`
}

/** All of them, from what is in dist/. */
export function scripts() {
  const pkg = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  return FILES.map((file) => scriptFor(pkg, file, readFileSync(new URL(`dist/${file}`, root))))
}

if (argv[1] === fileURLToPath(import.meta.url)) console.log(scripts().join('\n'))
