// @ts-check
/**
 * Builds docs/ as a static site: the API reference by typedoc, then the pages by VitePress.
 *
 *     npm run docs                       into docs/.vitepress/dist, for /docs/ of a host
 *     DOCS_BASE=/ npm run docs           for the root of one
 *     npm run docs -- dev                shows them while they are written
 *     npm run docs -- api                the API reference alone
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { argv, env, execPath, exit } from 'node:process'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const entries = Object.keys(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).exports,
)

/** @param {string} file @param {...string} args */
function run(file, ...args) {
  execFileSync(execPath, [`${docs}node_modules/${file}`, ...args], { cwd: docs, stdio: 'inherit', env })
}

/** The source of an entry of the package: `./relay/redis` is src/relay/redis/index.ts. @param {string} entry */
function sourceOf(entry) {
  const name = entry === '.' ? 'index' : entry.slice(2)
  return [`../src/${name}.ts`, `../src/${name}/index.ts`].find((path) => existsSync(`${docs}${path}`))
}

if (!existsSync(`${docs}node_modules`)) {
  console.log('Installing what builds the pages (once) …')
  const args = ['ci', '--prefix', docs, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', args, { stdio: 'inherit' })
}
try {
  const sources = entries.flatMap((entry) => sourceOf(entry) ?? [])
  run('typedoc/bin/typedoc', ...sources.flatMap((source) => ['--entryPoints', source]), '--logLevel', 'Warn')
  if (argv[2] !== 'api') run('vitepress/bin/vitepress.js', argv[2] === 'dev' ? 'dev' : 'build')
} catch {
  // It has said why itself.
  exit(1)
}
