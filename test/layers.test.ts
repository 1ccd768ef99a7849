/** Who may import whom, and which file holds which door to the world outside. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

interface Source {
  /** Relative to `src`, without `.ts`. */
  readonly name: string
  readonly tree: ts.SourceFile
}

interface Complaint {
  readonly about: 'layer' | 'package' | 'cycle' | 'door' | 'word' | 'contents'
  readonly text: string
}

// An import goes only to a lower rank. Files in a folder are organs (rank 1), except those named here.
const RANKS: Readonly<Record<string, number>> = {
  ...{ events: 0, 'errors/errors': 0, 'errors/provider-error': 0, 'errors/duration': 0, 'time/clock': 0 },
  ...{ scope: 1, 'answer/replay': 1, 'answer/transcript': 1.5, checks: 1, 'answer/reader': 1 },
  ...{ callbacks: 2, 'request/merge': 2, 'wire/refusal': 2, 'request/endpoints': 2, options: 2 },
  ...{ 'run/resume-request': 2.5, 'run/attempt': 3, 'run/retry-state': 3.5, 'run/attempts': 4 },
  ...{ reply: 5, client: 5.5, index: 6 },
}
const ORGANS = ['answer', 'request', 'time', 'wire', 'dialects', 'policy']
const CONTENTS = ['index', 'dialects/index', 'dom/index', 'testing/index']
const PACKAGES: Readonly<Record<string, string>> = {
  ky: 'request/transport',
  'eventsource-parser': 'wire/sse',
}

/** What a name opens, and who may open it. A global read, a member (`Date.now`), a call or a `new` without arguments. */
const DOORS: readonly (readonly [RegExp, (name: string) => boolean])[] = [
  [/^(set|clear)(Timeout|Interval|Immediate)$/, (name) => name.startsWith('time/')],
  [/^(Date\.now|performance\.now|Math\.random|new Date\(\)|Date\(\))$/, (name) => name.startsWith('time/')],
  [/^(fetch\(\)|new (Request|XMLHttpRequest|EventSource|WebSocket)\(.*\))$/, isTransport],
  [/^(document|window|navigator)$/, isPage],
  [/^(request|cancel)(AnimationFrame|IdleCallback)$/, isPage],
]
const WORDS = /^(any|Promise\.race|AbortSignal\.(any|timeout))$/

function isTransport(name: string): boolean {
  return name === 'request/transport' || name === 'testing/fetch'
}

function isPage(name: string): boolean {
  return name.startsWith('dom/') || name === 'time/page'
}

function complaints(sources: readonly Source[]): Complaint[] {
  return [
    ...sources.flatMap((source) => [...imports(source), ...doors(source), ...contents(source)]),
    ...cycles(sources),
  ]
}

function imports({ name, tree }: Source): Complaint[] {
  return importsOf(tree).flatMap((specifier): Complaint[] => {
    if (!specifier.startsWith('.')) {
      const fits = PACKAGES[specifier] === name
      return fits ? [] : [{ about: 'package', text: `${name} imports ${specifier}` }]
    }
    const target = resolved(name, specifier)
    return mayImport(name, target) ? [] : [{ about: 'layer', text: `${name} imports ${target}` }]
  })
}

function mayImport(from: string, to: string): boolean {
  if (CONTENTS.includes(to)) return false
  const areSiblings = from.includes('/') && posix.dirname(from) === posix.dirname(to)
  if (posix.dirname(from) === 'dom')
    return areSiblings || ['events', 'errors/errors', 'checks', 'time/clock'].includes(to)
  if (posix.dirname(from) === 'testing') return areSiblings || to === 'time/clock'
  if (posix.dirname(to) === 'dom') return from === 'index'
  const [low, high] = [rankOf(to), rankOf(from)]
  if (low === undefined || high === undefined) return false
  return low < high || areSiblings || (low === high && (low === 0 || low === 2))
}

function rankOf(name: string): number | undefined {
  return RANKS[name] ?? (ORGANS.includes(posix.dirname(name)) ? 1 : undefined)
}

function resolved(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.ts$/, '')
}

function importsOf(tree: ts.SourceFile): string[] {
  return nodesOf(tree).flatMap((node) => {
    const from =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
            ? node.arguments[0]
            : undefined
    return from && ts.isStringLiteralLike(from) ? [from.text] : []
  })
}

function doors({ name, tree }: Source): Complaint[] {
  return nodesOf(tree).flatMap((node) =>
    namesOf(node).flatMap((used): Complaint[] => {
      if (WORDS.test(used)) return [{ about: 'word', text: `${name} says ${used}` }]
      const isShut = DOORS.some(([door, isOpenTo]) => door.test(used) && !isOpenTo(name))
      return isShut ? [{ about: 'door', text: `${name} uses ${used}` }] : []
    }),
  )
}

/** How a node reaches outside: a comment, a string and a member of some object of ours do not. */
function namesOf(node: ts.Node): string[] {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return ['any']
  if (ts.isNewExpression(node))
    return [`new ${plainName(node.expression)}(${node.arguments?.length ? '…' : ''})`]
  if (ts.isCallExpression(node)) return [`${plainName(node.expression)}()`]
  if (ts.isPropertyAccessExpression(node)) return [plainName(node)]
  const { parent } = node
  const isMember =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node)
  return ts.isIdentifier(node) && !isMember ? [node.text] : []
}

function plainName(node: ts.Node): string {
  return node
    .getText()
    .replaceAll(/\s|\?/g, '')
    .replace(/^(globalThis|window|self)\./, '')
}

function nodesOf(tree: ts.SourceFile): ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(tree, visit)
  return nodes
}

/** A table of contents passes names on, and nothing else. */
function contents({ name, tree }: Source): Complaint[] {
  if (!CONTENTS.includes(name)) return []
  return tree.statements
    .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier))
    .map((statement) => ({ about: 'contents', text: `${name} holds ${statement.getText()}` }))
}

function cycles(sources: readonly Source[]): Complaint[] {
  const targets = new Map(
    sources.map(({ name, tree }) => [
      name,
      importsOf(tree)
        .filter((each) => each.startsWith('.'))
        .map((each) => resolved(name, each)),
    ]),
  )
  const done = new Set<string>()
  const found: Complaint[] = []
  const walk = (name: string, path: readonly string[]): void => {
    if (path.includes(name))
      found.push({ about: 'cycle', text: [...path.slice(path.indexOf(name)), name].join(' → ') })
    if (path.includes(name) || done.has(name)) return
    for (const target of targets.get(name) ?? []) walk(target, [...path, name])
    done.add(name)
  }
  for (const { name } of sources) walk(name, [])
  return found
}

function source(name: string, text: string): Source {
  return { name, tree: ts.createSourceFile(`${name}.ts`, text, ts.ScriptTarget.ES2022, true) }
}

const root = new URL('../src/', import.meta.url)
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/').replace(/\.ts$/, ''))
const all = files.map((name) => source(name, readFileSync(new URL(`${name}.ts`, root), 'utf8')))

describe('the source', () => {
  const found = complaints(all)

  test.each([
    ['imports only from lower ranks and from siblings', 'layer'],
    ['imports a package in one file only', 'package'],
    ['has no import cycle', 'cycle'],
    ['has timers, network and page each behind its door', 'door'],
    ['says neither any nor Promise.race nor AbortSignal.any', 'word'],
    ['has tables of contents that hold names only', 'contents'],
  ] as const)('%s', (_sentence, about) => {
    expect(found.filter((each) => each.about === about).map((each) => each.text)).toEqual([])
  })

  test('has a rank for every file', () => {
    const placeless = files.filter((name) => rankOf(name) === undefined && !/^(dom|testing)\//.test(name))
    expect(placeless).toEqual([])
    expect(files).toEqual(
      expect.arrayContaining([...Object.keys(RANKS), ...CONTENTS, ...Object.values(PACKAGES)]),
    )
  })
})

describe('the checker complains of', () => {
  test.each([
    ['scope', "import type { Delta } from './answer/transcript.ts'", 'scope imports answer/transcript'],
    ['scope', "import { send } from './run/attempt.ts'", 'scope imports run/attempt'],
    ['wire/sse', "export { patient } from '../time/deadlines.ts'", 'wire/sse imports time/deadlines'],
    ['policy/retry', "import type { A } from '../dialects/plain.ts'", 'policy/retry imports dialects/plain'],
    ['errors/errors', "import { Scope } from '../scope.ts'", 'errors/errors imports scope'],
    ['options', "import { untilWhole } from './run/attempts.ts'", 'options imports run/attempts'],
    ['reply', "import type { Client } from './client.ts'", 'reply imports client'],
    ['options', "type A = import('./run/attempt.ts').Run", 'options imports run/attempt'],
    ['run/attempts', "const later = import('../reply.ts')", 'run/attempts imports reply'],
    ['reply', "import { render } from './dom/sink.ts'", 'reply imports dom/sink'],
    ['dom/sink', "import { Scope } from '../scope.ts'", 'dom/sink imports scope'],
    ['client', "import { stream } from './index.ts'", 'client imports index'],
    ['index', "export { help } from './helpers.ts'", 'index imports helpers'],
    ['options', "import ky from 'ky'", 'options imports ky'],
    ['wire/sse', "import { delay } from 'left-pad'", 'wire/sse imports left-pad'],
    ['scope', 'const timer = setTimeout(go, 5)', 'scope uses setTimeout'],
    ['scope', 'globalThis.clearTimeout(timer)', 'scope uses clearTimeout'],
    ['scope', 'every(5, setInterval)', 'scope uses setInterval'],
    ['policy/breaker', 'const time = Date.now()', 'policy/breaker uses Date.now'],
    ['policy/breaker', 'const time = new Date()', 'policy/breaker uses new Date()'],
    ['policy/breaker', 'const time = performance.now()', 'policy/breaker uses performance.now'],
    ['policy/backoff', 'const luck = () => Math.random()', 'policy/backoff uses Math.random'],
    ['scope', 'await fetch(url)', 'scope uses fetch()'],
    ['scope', 'await globalThis.fetch(url)', 'scope uses fetch()'],
    ['options', 'const { url } = new Request(input)', 'options uses new Request(…)'],
    ['reply', `const at = \`\${document.title}\``, 'reply uses document'],
    ['time/clock', 'if (navigator.onLine) go()', 'time/clock uses navigator'],
    ['reply', 'requestAnimationFrame(go)', 'reply uses requestAnimationFrame'],
    ['dom/sink', 'const raw = data as any', 'dom/sink says any'],
    ['scope', 'await Promise.race([a, b])', 'scope says Promise.race'],
    ['scope', 'const signal = AbortSignal.any([a, b])', 'scope says AbortSignal.any'],
    ['scope', 'const signal = AbortSignal.timeout(5)', 'scope says AbortSignal.timeout'],
    ['dom/index', 'export const one = 1', 'dom/index holds export const one = 1'],
  ])('%s: %s', (name, text, complaint) => {
    expect(complaints([source(name, text)]).map((each) => each.text)).toContain(complaint)
  })

  test('a cycle', () => {
    const pair = [
      source('time/clock', "import { a } from './deadlines.ts'"),
      source('time/deadlines', "import type { b } from './clock.ts'"),
    ]
    expect(complaints(pair)).toContainEqual({
      about: 'cycle',
      text: 'time/clock → time/deadlines → time/clock',
    })
  })

  test.each([
    ['a comment', 'scope', '// setTimeout, document, fetch(url), any'],
    ['a string', 'scope', "const words = 'window document any ky'"],
    [
      'a member of an object',
      'scope',
      'const { a } = page.document; page.fetch(1); page.any; x = { window: 1 }',
    ],
    ['a date that is given', 'stream', 'const day = new Date(0).toISOString()'],
    ['a function that was handed over', 'options', 'const options = { fetch }'],
    ['a door at its place', 'time/clock', 'setTimeout(go, Date.now() - performance.now())'],
    ['a sibling', 'request/transport', "import ky from 'ky'; import { a } from './endpoints.ts'"],
    [
      'a lower rank',
      'options',
      "import type { B } from './callbacks.ts'; import { c } from './policy/retry.ts'",
    ],
  ])('nothing in %s', (_what, name, text) => {
    expect(complaints([source(name, text)])).toEqual([])
  })
})
