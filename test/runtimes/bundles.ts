/** What is given to a worker or a page as text: what npm gives to others, in one module. */
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const ENTRIES = ['index', 'store', 'testing', 'relay']
const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
const contents = ENTRIES.map((name) => `export * from './${name}.js'`).join('\n')

/** All entries but those of frameworks and of pages, with their dependencies. */
export const library = (): string => bundled({ stdin: { contents, resolveDir: dist } })

/** A module and what it imports. */
export const task = (path: string): string => bundled({ entryPoints: [path] })

function bundled(what: object): string {
  const options = { bundle: true, format: 'esm', target: 'es2022', write: false } as const
  return buildSync({ ...options, ...what }).outputFiles[0]?.text ?? ''
}
