/** The reference lists exactly what there is, with the defaults that hold, and examples that are taken. */
import { fileURLToPath } from 'node:url'
import { Window } from 'happy-dom'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { transcriptLimits } from '../../src/answer/bound.ts'
import { checkOptions } from '../../src/dom/options.ts'
import * as holdfast from '../../src/index.ts'
import { streamDefaults } from '../../src/options.ts'
import { breakerDefaults } from '../../src/policy/breaker.ts'
import { retryDefaults } from '../../src/policy/retry.ts'
import { relayDefaults } from '../../src/relay/options.ts'
import { sseLimits } from '../../src/wire/sse.ts'
import { pageOf } from '../support/markdown.ts'

const pathOf = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url))
const ENTRIES = ['src/index.ts', 'src/relay/index.ts']
const { options: compilerOptions } = ts.convertCompilerOptionsFromJson(
  ts.readConfigFile(pathOf('tsconfig.json'), ts.sys.readFile).config.compilerOptions,
  pathOf('.'),
)
const program = ts.createProgram(ENTRIES.map(pathOf), compilerOptions)
const checker = program.getTypeChecker()

/** The members of an exported type, or of a member of it: `StreamOptions`, `StreamOptions.retry`. */
function membersOf(entry: string, path: string): string[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(pathOf(entry)) as ts.SourceFile)
  const [name, ...parts] = path.split('.')
  const found = checker.getExportsOfModule(module as ts.Symbol).find((each) => each.name === name)
  if (!found) throw new Error(`There is no ${path}`)
  const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found
  let type = checker.getDeclaredTypeOfSymbol(symbol)
  for (const part of parts) {
    const member = checker.getPropertyOfType(type, part) as ts.Symbol
    const whole = checker.getNonNullableType(checker.getTypeOfSymbol(member))
    type = (whole.isUnion() ? whole.types.find((each) => each.flags & ts.TypeFlags.Object) : whole) as ts.Type
  }
  return checker.getPropertiesOfType(type).map((each) => each.name)
}

/** The rows of a page's tables: their cells, without the bars in code. */
function rowsOf(file: string, heading?: string): string[][] {
  const { text } = pageOf(file)
  const part = heading ? (text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '') : text
  return [...part.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) =>
    row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}

const namesIn = (cell = ''): string[] => [...cell.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name ?? '')
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()
const prefixed = (name: string, values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]))

describe('the reference of options', () => {
  const render = rowsOf('docs/reference/options.md', '`render()`')
  const all = rowsOf('docs/reference/options.md').filter(
    (row) => !render.some((other) => other[3] === row[3]),
  )

  test('lists exactly those of a call and of a client', () => {
    const parts = ['retry', 'retry.budget', 'timeouts', 'breaker'].flatMap((part) =>
      membersOf('src/index.ts', `ClientOptions.${part}`).map((name) => `${part}.${name}`),
    )
    const types = [
      ...membersOf('src/index.ts', 'StreamOptions'),
      ...membersOf('src/index.ts', 'ClientOptions'),
      ...parts,
    ]
    // Of these there is nothing to say but what their parts are.
    const isListed = (name: string): boolean => !/^on[A-Z]/.test(name) && name !== 'timeouts'
    expect(sorted(all.flatMap(([names]) => namesIn(names)))).toEqual(sorted(types.filter(isListed)))
  })

  test('lists exactly those of render()', () => {
    expect(sorted(render.flatMap(([names]) => namesIn(names)))).toEqual(
      sorted(membersOf('src/index.ts', 'RenderOptions')),
    )
  })

  const { shouldRetry: _, statuses, budget, ...retry } = retryDefaults
  const defaults: Record<string, unknown> = {
    ...{
      ...prefixed('timeouts', holdfast.patient),
      ...prefixed('retry', retry),
      ...prefixed('retry.budget', budget as object),
    },
    ...{ ...prefixed('breaker', breakerDefaults), ...streamDefaults, ...sseLimits, ...transcriptLimits },
    ...{
      maxConcurrent: 0,
      idempotencyKey: false,
      allowKeyInBrowser: false,
      'retry.statuses': statuses.join(' '),
    },
  }

  test.each(Object.entries(defaults))('gives the default of %s', (name, value) => {
    const told = all.find(([names]) => namesIn(names).includes(name))?.[1]
    expect(told).toBe(typeof value === 'string' && !value.includes(' ') ? `'${value}'` : String(value))
  })

  test.each(all.map(([names, , , example]) => [names, example?.slice(1, -1)]))('%s: %s', (names, example) => {
    const options = new Function(`return ({ ${example} })`)()
    expect(names).toContain(`\`${Object.keys(options)[0]}`)
    // All is checked before anything is sent, so nothing has to be sent.
    const fetch = () => Promise.reject(new TypeError('nobody is there'))
    const isOfClient = /^`(?:breaker|baseUrl|maxConcurrent)/.test(names ?? '')
    if (isOfClient) holdfast.createClient(options)
    else
      holdfast
        .stream(options.endpoints ? '' : 'https://api.test/', {
          fetch,
          dialect: holdfast.openaiChat,
          ...options,
          retry: false,
        })
        .text()
        .catch(() => {})
  })

  test.each(render.map(([, , , example]) => [example?.slice(1, -1)]))('render: %s', (example) => {
    const { document } = new Window() as unknown as { document: Document }
    document.body.innerHTML = '<p id="status"></p><p id="thoughts"></p>'
    checkOptions(document.body, new Function('document', `return ({ ${example} })`)(document))
  })
})

test('the reference of callbacks lists exactly those that a call takes, as they are declared', () => {
  const rows = rowsOf('docs/reference/callbacks.md').filter(([name]) => /^`on/.test(name ?? ''))
  expect(sorted(rows.flatMap(([name]) => namesIn(name)))).toEqual(
    sorted(membersOf('src/index.ts', 'Callbacks')),
  )
  const source = program.getSourceFile(pathOf('src/callbacks.ts')) as ts.SourceFile
  const declared = source.text.replaceAll('Awaitable', 'void | Promise<void>').replaceAll('readonly ', '')
  const lost = rows.filter(([name, signature]) => {
    const written = `${namesIn(name)[0]}?: (${signature?.slice(1, -1)}) | undefined`
    return !declared.includes(written)
  })
  expect(lost).toEqual([])
})

describe('the reference of errors', () => {
  const rows = rowsOf('docs/reference/errors.md').filter(([, name]) => /^`\w+Error`$/.test(name ?? ''))

  test('lists exactly the classes there are', () => {
    const classes = Object.entries(holdfast).filter(
      ([, value]) => typeof value === 'function' && Object.getPrototypeOf(value) === holdfast.StreamError,
    )
    const listed = rows.map(([code, name]) => `${namesIn(code)[0]} ${namesIn(name)[0]}`)
    expect(sorted(listed)).toEqual(
      sorted(classes.map(([name, each]) => `${(each as { code?: string }).code} ${name}`)),
    )
  })

  test.each(
    rows.map(([code, name, , more]) => [namesIn(code)[0] ?? '', namesIn(name)[0] ?? '', namesIn(more)]),
  )('%s: all that it has, a cause and what to do', (code, name, more) => {
    const common = membersOf('src/index.ts', 'StreamError')
    const own = membersOf('src/index.ts', name).filter(
      (each) => !common.includes(each) && !each.startsWith('__'),
    )
    expect(sorted(more)).toEqual(sorted(own))
    const { text } = pageOf('docs/reference/errors.md')
    expect(text.split(`\n## ${code}\n`)[1]?.split('\n## ')[0]).toMatch(
      /\*\*Cause\.\*\*[\s\S]*\*\*What to do\.\*\*/,
    )
  })
})

describe('the reference of the relay', () => {
  const rows = rowsOf('docs/reference/relay.md')

  test('lists exactly its options', () => {
    const listed = rows.map(([name]) => name ?? '').filter((name) => /^`[a-z]\w*`$/.test(name))
    expect(sorted(listed.flatMap(namesIn))).toEqual(sorted(membersOf('src/relay/index.ts', 'RelayOptions')))
  })

  test.each(Object.entries(relayDefaults))('gives the default of %s', (name, value) => {
    const told = rows.find(([names]) => namesIn(names)[0] === name)?.[1]
    expect(told).toBe(value === 0 ? 'off' : String(value).replace(/\B(?=(\d{3})+$)/g, ' '))
  })
})
