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
  readonly about: 'layer' | 'package' | 'cycle' | 'door' | 'word' | 'contents' | 'length'
  readonly text: string
}

/** An import goes only to a lower rank, or to a sibling in its own folder. Of a folder: what is not named by itself. */
const RANKS: Readonly<Record<string, number>> = {
  ...{ braces: 0, events: 0, 'growing-text': 0, 'json-value': 0, 'time/clock': 0, 'time/page': 0 },
  ...{ errors: 1, checks: 1, 'relay/store': 1 },
  ...{ scope: 2, answer: 2, dialects: 2, dom: 2, policy: 2, testing: 2, time: 2, wire: 2 },
  ...{ callbacks: 3, request: 3 },
  ...{ listeners: 4, options: 4 },
  ...{ react: 9, vue: 9, svelte: 9, element: 9 },
  ...{
    run: 5,
    reply: 6,
    client: 7,
    stream: 7,
    names: 7,
    store: 8,
    fetch: 8,
    'fetch/index': 9,
    index: 9,
    core: 9,
    relay: 9,
    'relay/redis': 9,
  },
  ...{ 'relay/held': 7, 'relay/verdict': 7, 'relay/responses': 7 },
}
/** From the ground to the entry: what a reader has to pass at the most. */
const MOST_LEVELS = 13
const MOST_LEVELS_OF_RELAY = 7
const MOST_LEVELS_OF_BINDINGS = 6
const HOUSES = /^(relay|store|react|vue|svelte|element)\//
const CONTENTS = [
  ...['names', 'dialects/index', 'dom/index', 'testing/index', 'relay/index', 'relay/redis/index'],
  ...['store/index', 'react/index', 'vue/index', 'svelte/index', 'element/index'],
]
const ENTRIES = ['index', 'core', 'fetch/index']
const PACKAGES: Readonly<Record<string, string>> = {
  ky: 'request/ky',
  'eventsource-parser': 'wire/sse',
  redis: 'relay/redis/connection',
  react: 'react/hooks',
  vue: 'vue/composables',
  svelte: 'svelte/stores',
  'svelte/reactivity': 'svelte/stores',
}
const LONGEST_FILE = 250
const LONGEST_FUNCTION = 40

/** What a name opens, and who may open it. A global read, a member (`Date.now`), a call or a `new` without arguments. */
const DOORS: readonly (readonly [RegExp, (name: string) => boolean])[] = [
  [/^(set|clear)(Timeout|Interval|Immediate)$/, (name) => name.startsWith('time/')],
  [/^(Date\.now|performance\.now|Math\.random|new Date\(\)|Date\(\))$/, (name) => name.startsWith('time/')],
  [/^(fetch\(\)|new (XMLHttpRequest|EventSource|WebSocket)\(.*\))$/, isTransport],
  [/^new Request\(.*\)$/, (name) => name === 'request/url' || name === 'testing/fetch'],
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
    ...sources.flatMap((source) => [
      ...imports(source),
      ...doors(source),
      ...contents(source),
      ...lengths(source),
    ]),
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
  if (CONTENTS.includes(to) && !ENTRIES.includes(from)) return false
  const areSiblings = from.includes('/') && posix.dirname(from) === posix.dirname(to)
  const [low, high] = [rankOf(to), rankOf(from)]
  return areSiblings || (low !== undefined && high !== undefined && low < high)
}

function rankOf(name: string): number | undefined {
  return RANKS[name] ?? RANKS[posix.dirname(name)]
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

/** A table of contents passes names on, and nothing else; an entry also says what it is made of. */
function contents({ name, tree }: Source): Complaint[] {
  if (!CONTENTS.includes(name) && !ENTRIES.includes(name)) return []
  const isAllowed = (statement: ts.Statement): boolean =>
    (ts.isExportDeclaration(statement) && !!statement.moduleSpecifier) ||
    (ENTRIES.includes(name) && (ts.isImportDeclaration(statement) || ts.isVariableStatement(statement)))
  return tree.statements
    .filter((statement) => !isAllowed(statement))
    .map((statement) => ({ about: 'contents', text: `${name} holds ${statement.getText()}` }))
}

/** What one cannot see at a glance, or hold in the head. */
function lengths({ name, tree }: Source): Complaint[] {
  const linesOf = (node: ts.Node): number => node.getText().split('\n').length
  const long = nodesOf(tree).filter((node) => ts.isFunctionLike(node) && linesOf(node) > LONGEST_FUNCTION)
  const found = long.map((node) => `${name} has a function of ${linesOf(node)} lines`)
  const lines = tree.getFullText().trimEnd().split('\n').length
  if (lines > LONGEST_FILE) found.push(`${name} has ${lines} lines`)
  return found.map((text) => ({ about: 'length', text }))
}

function targetsOf(sources: readonly Source[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    sources.map(({ name, tree }) => [
      name,
      importsOf(tree)
        .filter((each) => each.startsWith('.'))
        .map((each) => resolved(name, each)),
    ]),
  )
}

/** How many files stand on one another up to this one; the graph has no circle. */
function levelOf(name: string, targets: ReadonlyMap<string, readonly string[]>): number {
  return 1 + Math.max(0, ...(targets.get(name) ?? []).map((target) => levelOf(target, targets)))
}

function cycles(sources: readonly Source[]): Complaint[] {
  const targets = targetsOf(sources)
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
    ['has no function one cannot see at a glance, and no file one cannot hold in the head', 'length'],
  ] as const)('%s', (_sentence, about) => {
    expect(found.filter((each) => each.about === about).map((each) => each.text)).toEqual([])
  })

  test('has a rank for every file', () => {
    expect(files.filter((name) => rankOf(name) === undefined)).toEqual([])
    expect(Object.values(RANKS).every(Number.isInteger)).toBe(true)
    expect(files).toEqual(expect.arrayContaining([...CONTENTS, ...ENTRIES, ...Object.values(PACKAGES)]))
  })

  test(`has at most ${MOST_LEVELS} levels`, () => {
    const targets = targetsOf(all)
    const levelsOf = (house: RegExp, isIn: boolean): number => {
      const names = files.filter((name) => house.test(name) === isIn)
      const own = new Map(
        names.map((name) => [name, targets.get(name)?.filter((each) => names.includes(each)) ?? []]),
      )
      return Math.max(...names.map((name) => levelOf(name, own)))
    }
    expect(levelsOf(HOUSES, false)).toBeLessThanOrEqual(MOST_LEVELS)
    // These stand on the client, and are houses of their own.
    expect(levelsOf(/^relay\//, true)).toBeLessThanOrEqual(MOST_LEVELS_OF_RELAY)
    expect(levelsOf(/^(store|react|vue|svelte|element)\//, true)).toBeLessThanOrEqual(MOST_LEVELS_OF_BINDINGS)
  })

  test('of the core knows neither ky nor auto', () => {
    const targets = targetsOf(all)
    const reached = new Set<string>()
    const walk = (name: string): void => {
      if (reached.has(name)) return
      reached.add(name)
      for (const target of targets.get(name) ?? []) walk(target)
    }
    walk('core')
    expect([...reached].filter((name) => ['request/ky', 'dialects/auto'].includes(name))).toEqual([])
    expect(reached).toContain('run/attempts')
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
    ['reply', "import { stream } from './stream.ts'", 'reply imports stream'],
    ['listeners', "import { a } from './options.ts'", 'listeners imports options'],
    ['answer/replay', "import { a } from '../policy/retry.ts'", 'answer/replay imports policy/retry'],
    ['dom/sink', "import { Scope } from '../scope.ts'", 'dom/sink imports scope'],
    ['client', "import { stream } from './index.ts'", 'client imports index'],
    ['index', "export { help } from './helpers.ts'", 'index imports helpers'],
    ['index', 'export function stream() {}', 'index holds export function stream() {}'],
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
    ['scope', `function long() {${'\n'.repeat(41)}}`, 'scope has a function of 42 lines'],
    ['scope', '//\n'.repeat(251), 'scope has 251 lines'],
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
    ['a sibling', 'request/ky', "import ky from 'ky'; import { a } from './endpoints.ts'"],
    [
      'a lower rank',
      'options',
      "import type { B } from './callbacks.ts'; import { c } from './policy/retry.ts'",
    ],
  ])('nothing in %s', (_what, name, text) => {
    expect(complaints([source(name, text)])).toEqual([])
  })
})
