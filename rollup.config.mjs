// Four builds from one source: modules for bundlers (dependencies stay imports), one self-contained file for a CDN
// <script type="module">, the same for a <script>, and the types.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import resolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import { dts } from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'

const pkg = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
const input = {
  index: 'src/index.ts',
  core: 'src/core.ts',
  dom: 'src/dom/index.ts',
  dialects: 'src/dialects/index.ts',
  fetch: 'src/fetch/index.ts',
  store: 'src/store/index.ts',
  react: 'src/react/index.ts',
  vue: 'src/vue/index.ts',
  svelte: 'src/svelte/index.ts',
  element: 'src/element/index.ts',
  testing: 'src/testing/index.ts',
  relay: 'src/relay/index.ts',
  'relay/redis': 'src/relay/redis/index.ts',
}
const dependencies = Object.keys({ ...pkg.dependencies, ...pkg.peerDependencies })
const external = (id) => dependencies.some((name) => id === name || id.startsWith(`${name}/`))
const transpile = (more) => esbuild({ target: 'es2022', tsconfig: 'tsconfig.json', ...more })
const shared = { format: 'esm', generatedCode: 'es2015', hoistTransitiveImports: false }
// The sources are in the package, so no map needs a copy of them.
const maps = { sourcemap: true, sourcemapExcludeSources: true }
// A warning of the bundler is a mistake of ours: a cycle, an unresolved import, an unused external.
const onwarn = (warning) => {
  throw Object.assign(new Error(warning.message), warning)
}

// `dts` drops a module's `/// <reference lib>`; without it Reply's `Symbol.asyncDispose` is unknown to a project whose
// own `lib` is older.
const withLibs = ({ moduleIds }) => {
  const libs = moduleIds.flatMap((id) => readFileSync(id, 'utf8').match(/^\/\/\/ <reference lib=.*$/gm) ?? [])
  return [...new Set(libs)].join('\n')
}

// Who loads one file loads all of it, so it is without ky: `fetch` itself carries the requests, or what a call brings as
// `http`.
const withoutKy = {
  name: 'without-ky',
  load: (id) => (id.endsWith('/src/request/ky.ts') ? 'export const viaKy = undefined' : null),
}

// Nor what is for SDKs and for servers, neither of which a page without a bundler has: 5 kB.
const REST = `() => { throw new TypeError('Not in holdfast.min.js: import it from the package') }`
const withoutRest = {
  name: 'without-rest',
  load(id) {
    if (id.endsWith('/src/fetch/create-fetch.ts')) return `export const createFetchVia = () => ${REST}`
    return id.endsWith('/src/fetch/respond.ts') ? `export const respond = ${REST}` : null
  },
}

// esbuild has minified each module by then, so that all use the same short names, which gzip likes; it likes statements
// better than sequences, what is the same better than what is shorter by being elsewhere (a constant on the left, a function
// in the only place that calls it). No getter of ours does anything, and no function is called with `new`.
const compress = {
  ...{ passes: 4, sequences: false, lhs_constants: false, if_return: false, inline: 1 },
  ...{ pure_getters: true, unsafe_arrows: true, keep_fargs: false },
}

// Who loads the file means to ask. V8 then compiles all of it while it arrives, on another thread, and not each function
// on the way of the first answer. The hint counts in the first line only.
// https://v8.dev/blog/explicit-compile-hints
const preamble = `//# allFunctionsCalledOnLoad
/*! ${pkg.name} ${pkg.version} | ${pkg.license} */`

const alone = {
  ...shared,
  plugins: [terser({ ecma: 2022, compress, format: { comments: false, preamble } })],
}

// A chunk is named after what is in it, so that of an earlier build stays when it changes. Gone are only those, and only
// when the new ones are there: a test may be reading `dist`, or building the same.
const withoutOldChunks = (isOurs) => ({
  name: 'without-old-chunks',
  writeBundle({ dir }, bundle) {
    const isOld = (name) => name.startsWith('shared-') && isOurs.test(name) && !(name in bundle)
    for (const name of readdirSync(dir).filter(isOld)) rmSync(`${dir}/${name}`, { force: true })
  },
})

export default [
  {
    input,
    external,
    onwarn,
    plugins: [transpile(), withoutOldChunks(/\.js(?:\.map)?$/)],
    output: { ...shared, ...maps, dir: 'dist', chunkFileNames: 'shared-[hash].js' },
  },
  {
    input: 'src/index.ts',
    onwarn,
    plugins: [
      withoutKy,
      withoutRest,
      transpile({ minify: true }),
      resolve({ browser: true, exportConditions: ['browser', 'import', 'default'] }),
    ],
    output: [
      { ...alone, ...maps, file: 'dist/holdfast.min.js' },
      // Debugged is the module: this one has the same code, and no map.
      { ...alone, file: 'dist/holdfast.global.js', format: 'iife', name: 'Holdfast' },
    ],
  },
  {
    input,
    external,
    onwarn,
    plugins: [dts({ tsconfig: 'tsconfig.json' }), withoutOldChunks(/\.d\.ts$/)],
    output: { ...shared, dir: 'dist', chunkFileNames: 'shared-[hash].d.ts', banner: withLibs },
  },
]
