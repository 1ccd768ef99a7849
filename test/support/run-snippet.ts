/** Runs a snippet of the documentation as it stands, but for where its server is. */
import { Window } from 'happy-dom'
import { vi } from 'vitest'

/** Ours come from the source; anybody else's are what is installed. */
type Glob = (paths: readonly string[]) => Record<string, () => Promise<object>>
const OURS = (import.meta as unknown as { glob: Glob }).glob([
  '../../src/*.ts',
  '../../src/*/index.ts',
  '../../src/relay/redis/index.ts',
])

async function load(specifier: string): Promise<object> {
  if (!/^holdfast(\/|$)/.test(specifier)) return import(/* @vite-ignore */ specifier)
  const path = specifier.slice('holdfast/'.length) || 'index'
  const found = OURS[`../../src/${path}.ts`] ?? OURS[`../../src/${path}/index.ts`]
  if (!found) throw new Error(`There is no ${specifier}`)
  return found()
}

const IMPORT = /^import (?:(\w+)(?:, )?)?(\{[^}]*\})?(?:\* as (\w+))? ?from '([^']+)'/gm

/** The imports of a piece of code as constants, and what they name. */
async function withoutImports(code: string): Promise<{ code: string; modules: Record<string, object> }> {
  const modules: Record<string, object> = {}
  for (const [, , , , specifier = ''] of code.matchAll(IMPORT)) modules[specifier] = await load(specifier)
  const runnable = code.replace(IMPORT, (_, whole, names, all, specifier) => {
    const from = `modules[${JSON.stringify(specifier)}]`
    const parts = [
      whole && `const ${whole} = ${from}.default`,
      names && `const ${names.replaceAll(' as ', ': ')} = ${from}`,
      all && `const ${all} = ${from}`,
    ]
    return parts.filter(Boolean).join('; ')
  })
  return { code: runnable, modules }
}

/** Every address in it is one of the test's server, with the same path. */
function atServer(code: string, url: string): string {
  const { origin } = new URL(url)
  return code
    .replaceAll(/'(?:https?:\/\/[\w.:-]+)?(\/(?:api|v1|compatible-mode|api\/v3)?[\w./-]*)?'/g, (all, path) =>
      path?.startsWith('/') && (/^'http/.test(all) || /^\/api/.test(path)) ? `'${origin}${path}'` : all,
    )
    .replaceAll(/`\/api/g, `\`${origin}/api`)
}

export interface Ran {
  readonly document: Document
  /** What the code has exported. */
  readonly exported: Record<string, unknown>
}

/** In a page of its own, with the names that snippets use without making them. */
export async function runSnippet(given: string, url: string): Promise<Ran> {
  const { document, localStorage, addEventListener } = pageAt(url)
  vi.stubGlobal('document', document)
  const { code, modules } = await withoutImports(given)
  const exported: string[] = []
  const runnable = atServer(code, url).replace(
    /^export (?:(const|async function|function|class) (\w+)|default )/gm,
    (_, kind, name) => {
      exported.push(name ?? 'standard')
      return name ? `${kind} ${name}` : 'const standard = '
    },
  )
  const free = {
    ...{ modules, document, localStorage, addEventListener, messages: [{ role: 'user', content: 'Hi' }] },
    process: { env: { UPSTREAM_URL: new URL('/v1', url).href, UPSTREAM_KEY: 'sk-test' }, once: () => {} },
    ...{ output: document.querySelector('#output'), banner: document.querySelector('#status') },
    userOf: () => 'somebody',
  }
  const body = `return (async () => { ${runnable}\nreturn { ${exported.join(', ')} } })()`
  const run = new Function(...Object.keys(free), body)
  return { document, exported: (await run(...Object.values(free))) as Record<string, unknown> }
}

function pageAt(url: string) {
  const window = new Window({ url })
  window.document.body.innerHTML =
    '<p id="output"></p><p id="thoughts"></p><p id="status"></p><button id="stop"></button>'
  return {
    document: window.document as unknown as Document,
    localStorage: window.localStorage,
    addEventListener: window.addEventListener.bind(window),
  }
}
