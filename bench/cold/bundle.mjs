// @ts-check
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'

const here = new URL('.', import.meta.url)

/** What a page without a bundler loads. */
export const CDN_FILE = readFileSync(new URL('../../dist/holdfast.min.js', here), 'utf8')

/** The peers are the benchmark's own, and installed when they are wanted. */
export function installPeers() {
  if (existsSync(new URL('node_modules', here))) return
  console.log('Installing what we compare ourselves with (once) …')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: fileURLToPath(here),
    stdio: 'inherit',
  })
}

/** @typedef {{ code: string, gzip: number, brotli: number }} Bundle */

/**
 * A contender as a page would load it: one minified file.
 * @param {string} name
 * @returns {Promise<Bundle>}
 */
export async function bundle(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`contenders/${name}.mjs`, here))],
    ...{ bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', platform: 'browser' },
    logLevel: 'error',
  })
  const { code = '' } = await minify(outputFiles[0]?.text ?? '', { module: true, ecma: 2020 })
  const loaded = name === 'cdn' ? CDN_FILE : code
  return { code, gzip: gzipSync(loaded, { level: 9 }).length, brotli: brotliCompressSync(loaded).length }
}
