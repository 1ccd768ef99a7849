// @ts-check
/**
 * Builds a page with the package, as it would be published, in each bundler, and runs what comes out; then has each TypeScript
 * compile against its types.
 *
 *     npm run check:bundlers                     all of them (a minute or two; installs what is missing, 730 MB)
 *     npm run check:bundlers -- esbuild types    only these
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { argv, exit } from 'node:process'
import { BUNDLERS } from './bundlers.mjs'
import { AREA, HERE, prepare } from './project.mjs'
import { compilers, complaintsOf } from './types.mjs'

const asked = argv.slice(2)
const isAsked = (/** @type {string} */ name) => asked.length === 0 || asked.includes(name)

if (!existsSync(`${HERE}node_modules`)) {
  console.log('Installing the bundlers (once) …')
  const args = ['ci', '--prefix', HERE, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', args, { stdio: 'inherit' })
}
prepare()
let failures = 0
/** @param {string} name @param {() => unknown} check */
async function report(name, check) {
  const began = performance.now()
  const said = await Promise.resolve()
    .then(check)
    .catch((error) => error.stderr?.toString().trim() || error.stdout?.toString().trim() || error.message)
  const seconds = `${((performance.now() - began) / 1000).toFixed(1)} s`
  console.log(said ? `✗ ${name} (${seconds})\n${said}` : `✓ ${name} (${seconds})`)
  if (said) failures++
}

async function bundle() {
  for (const { name, build } of BUNDLERS)
    if (isAsked(name)) await report(name, () => build(`${AREA}${name}/`))
}
async function compile() {
  if (!isAsked('types')) return
  for (const compiler of compilers())
    await report(`TypeScript ${compiler.version}`, () => complaintsOf(compiler))
}
await Promise.all([bundle(), compile()])
exit(failures ? 1 : 0)
