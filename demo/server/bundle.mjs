// @ts-check
import { Refusal } from './refusal.mjs'

/** @type {Map<string, Promise<Uint8Array>>} */
const bundles = new Map()

/**
 * An example's script with all that it imports from node_modules, in one file that a browser can read. Made at the
 * first request, so that the demo starts without a bundler. What is served beside it stays an import.
 * @param {string} source the path of a .jsx file
 */
export function bundle(source) {
  const known = bundles.get(source)
  if (known) return known
  const made = make(source)
  bundles.set(source, made)
  // A mistake may be mended while the server runs.
  made.catch(() => bundles.delete(source))
  return made
}

/**
 * @param {string} source
 * @returns {Promise<Uint8Array>}
 */
async function make(source) {
  const { build } = await import('esbuild').catch(() => {
    throw new Refusal(
      500,
      'esbuild is not installed, and without it there is no bundle; `npm install` brings it.',
    )
  })
  try {
    const { outputFiles } = await build({
      entryPoints: [source],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      external: ['/dist/*'],
      define: { 'process.env.NODE_ENV': '"development"' },
      logLevel: 'silent',
    })
    return /** @type {import('esbuild').OutputFile} */ (outputFiles[0]).contents
  } catch (error) {
    throw new Refusal(500, `The example cannot be bundled. ${sentenceFor(error)}`)
  }
}

/** @param {any} error esbuild’s, with the mistakes in a list */
function sentenceFor(error) {
  const mistake = error?.errors?.[0]
  if (!mistake) return String(error?.message ?? error)
  const { file, line } = mistake.location ?? {}
  return `${file ? `${file}:${line}: ` : ''}${mistake.text}.`
}
