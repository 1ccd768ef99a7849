/** The package is what it says of itself: its fields, its files, the script for pages, the maps, the hashes. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { FILES, scripts } from '../scripts/cdn.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pkg = JSON.parse(read('package.json'))
const version = (name: string): string => JSON.parse(read(`node_modules/${name}/package.json`)).engines?.node

describe('package.json', () => {
  const paths = Object.values(pkg.exports as Record<string, string | Record<string, string>>).flatMap(
    (each) => (typeof each === 'string' ? [each] : Object.values(each)),
  )

  test.each([...new Set([...paths, pkg.main, pkg.types, pkg.unpkg, pkg.jsdelivr])])('leads to %s', (path) => {
    expect(existsSync(join(root, path))).toBe(true)
  })

  test('asks for the Node that its dependencies ask for', () => {
    const least = Object.keys(pkg.dependencies).map((name) =>
      Number(/([\d.]+)/.exec(version(name) ?? '0')?.[1]),
    )
    expect(pkg.engines.node).toBe(`>=${Math.max(...least)}`)
  })

  test('names where it is made', () => {
    expect(pkg.repository.url).toContain('github.com/holdfast-js/holdfast')
    expect(pkg.bugs).toContain('github.com/holdfast-js/holdfast')
    expect(pkg.homepage).toContain('github.com/holdfast-js/holdfast')
  })

  test('has the version that the change log begins with', () => {
    expect(/^## (.+)$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(pkg.version)
  })
})

describe('the file for a <script>', () => {
  const own = createContext({})
  runInContext(read('dist/holdfast.global.js'), own)

  test('makes one global', () => {
    expect(Object.keys(own)).toEqual(['Holdfast'])
  })

  test('has what the module has', async () => {
    // Not by a path that the compiler knows: it has no types of its own.
    const file = '../dist/holdfast.min.js'
    const module: object = await import(/* @vite-ignore */ file)
    expect(Object.keys(own.Holdfast as object).sort()).toEqual(Object.keys(module).sort())
  })

  // V8 looks for its hint in the first line only.
  test.each(['min', 'global'])('asks V8 to compile all of holdfast.%s.js while it arrives', (kind) => {
    expect(read(`dist/holdfast.${kind}.js`)).toMatch(/^\/\/# allFunctionsCalledOnLoad\n\/\*! holdfast /)
  })
})

describe('the maps', () => {
  const maps = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.map'),
  )

  test.each(maps)('%s leads to sources that are in the package, and has no copy of them', (name) => {
    const map = JSON.parse(read(`dist/${name}`))
    expect(map.sourcesContent).toBeUndefined()
    const sources = (map.sources as string[]).map((source) => join('dist', dirname(name), source))
    const isThere = (path: string) => path.startsWith('src/') || path.startsWith('node_modules/')
    expect(sources.filter((path) => !isThere(path) || !existsSync(join(root, path)))).toEqual([])
    expect(pkg.files).toContain('src')
  })
})

describe('the lines for a page', () => {
  test.each(FILES.map((file, at) => [file, scripts()[at] ?? '']))('of %s has its hash', (file, line) => {
    expect(line).toContain(`https://cdn.jsdelivr.net/npm/holdfast@${pkg.version}/dist/${file}"`)
    const digest = execFileSync('openssl', ['dgst', '-sha384', '-binary', join(root, 'dist', file)])
    expect(line).toContain(`integrity="sha384-${digest.toString('base64')}"`)
    expect(line.includes('type="module"')).toBe(!file.includes('global'))
  })
})
