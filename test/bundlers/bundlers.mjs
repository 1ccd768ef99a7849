// @ts-check
/** How each bundler is asked, with as few settings as it takes. Each gives what was wrong, or ''. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { execPath } from 'node:process'
import { promisify } from 'node:util'
import { ANSWER, ANSWERED, answered, files, HERE, page, ROOT } from './project.mjs'

const run = promisify(execFile)
const own = createRequire(`${HERE}package.json`)

/** A tool of the folder's own. @param {string} folder @param {string} file @param {...string} args */
async function tool(folder, file, ...args) {
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'production',
  }
  await run(execPath, [`${HERE}node_modules/${file}`, ...args], { cwd: folder, env })
}

/** @param {string} folder */
const scriptIn = (folder) => `${folder}/${readdirSync(folder).find((name) => /\.m?js$/.test(name))}`

/** @param {string} file */
const says = (file) =>
  readFileSync(file, 'utf8').includes(ANSWERED) ? '' : `${file} does not say "${ANSWERED}"`

/** @type {readonly { name: string, build: (folder: string) => string | Promise<string> }[]} */
export const BUNDLERS = [
  { name: 'esbuild', build: withEsbuild },
  { name: 'rollup', build: withRollup },
  { name: 'vite', build: withVite },
  { name: 'webpack', build: withWebpack },
  { name: 'parcel', build: withParcel },
  { name: 'metro', build: withMetro },
  { name: 'astro', build: withAstro },
  { name: 'next', build: withNext },
]

/** @param {string} folder */
async function withEsbuild(folder) {
  page(folder)
  const { build } = await import('esbuild')
  const outfile = `${folder}out/main.js`
  await build({ entryPoints: [`${folder}main.js`], bundle: true, minify: true, outfile, logLevel: 'silent' })
  return answered(outfile)
}

/** @param {string} folder */
async function withRollup(folder) {
  page(folder)
  const [{ rollup }, { nodeResolve: resolve }] = await Promise.all([
    import('rollup'),
    import('@rollup/plugin-node-resolve'),
  ])
  const bundle = await rollup({ input: `${folder}main.js`, plugins: [resolve({ browser: true })] })
  await bundle.write({ dir: `${folder}out`, format: 'es' })
  return answered(`${folder}out/main.js`)
}

/** @param {string} folder */
async function withVite(folder) {
  page(folder)
  files(folder, { 'vite.config.js': 'export default { build: { modulePreload: false } }' })
  await tool(folder, 'vite/bin/vite.js', 'build', '--logLevel', 'error')
  return answered(scriptIn(`${folder}dist/assets`))
}

/** @param {string} folder */
function withWebpack(folder) {
  page(folder)
  const { webpack } = own('webpack')
  const output = { path: `${folder}out`, publicPath: '' }
  return new Promise((resolve, reject) =>
    webpack({ mode: 'production', entry: `${folder}main.js`, output }).run(
      (/** @type {Error | null} */ error, /** @type {any} */ stats) => {
        if (error) reject(error)
        else if (stats.hasErrors() || stats.hasWarnings()) resolve(stats.toString('errors-warnings'))
        else resolve(answered(`${folder}out/main.js`))
      },
    ),
  )
}

/** Parcel has to be told to look into a package's \`exports\`. @param {string} folder */
async function withParcel(folder) {
  page(folder)
  const settings = { private: true, name: 'page', '@parcel/resolver-default': { packageExports: true } }
  // A lock file is how it knows where a project begins.
  files(folder, { 'package.json': JSON.stringify(settings), 'package-lock.json': '{}' })
  await tool(
    folder,
    'parcel/lib/bin.js',
    'build',
    'index.html',
    '--no-source-maps',
    '--no-cache',
    '--log-level',
    'error',
  )
  return answered(scriptIn(`${folder}dist`))
}

/** @param {string} folder */
async function withMetro(folder) {
  page(folder)
  const metro = own('metro')
  files(folder, {
    'out/main.js': '',
    // Modules are Babel's work there, which React Native sets up by itself.
    'babel.config.cjs': `module.exports = { plugins: [${JSON.stringify(own.resolve('@babel/plugin-transform-modules-commonjs'))}] }`,
    'metro.config.cjs': `module.exports = {
      projectRoot: __dirname,
      watchFolders: [${JSON.stringify(ROOT)}],
      reporter: { update() {} },
      resolver: { unstable_enablePackageExports: true },
    }`,
  })
  const config = await metro.loadConfig({ config: `${folder}metro.config.cjs` })
  await metro.runBuild(config, { entry: `${folder}main.js`, out: `${folder}out/main.js`, minify: false })
  return answered(`${folder}out/main.js`)
}

/** @param {string} folder */
async function withAstro(folder) {
  page(folder)
  files(folder, {
    'astro.config.mjs': 'export default {}',
    'src/answer.js': ANSWER,
    'src/pages/index.astro':
      "---\nimport { answer } from '../answer.js'\nconst said = await answer()\n---\n<p>{said}</p>\n",
  })
  await tool(folder, 'astro/astro.js', 'build')
  return says(`${folder}dist/index.html`)
}

/** @param {string} folder */
async function withNext(folder) {
  files(folder, {
    'package.json': '{ "private": true, "type": "module", "name": "page" }',
    'next.config.js': `export default { turbopack: { root: ${JSON.stringify(ROOT)} } }`,
    'app/answer.js': ANSWER,
    'app/client.js':
      "'use client'\nimport { stream } from 'holdfast'\nexport const Ask = () => <button onClick={() => stream('/api/chat')}>Ask</button>\n",
    'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>\n',
    'app/page.js':
      "import { answer } from './answer.js'\nimport { Ask } from './client.js'\nexport default async () => <><p>{await answer()}</p><Ask /></>\n",
  })
  await tool(folder, 'next/dist/bin/next', 'build')
  return says(`${folder}.next/server/app/index.html`)
}
