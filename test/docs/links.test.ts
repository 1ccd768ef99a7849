/** Every link of the README and of docs/ leads somewhere. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { anchorsIn, linksIn, pageOf, pages } from '../support/markdown.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
// Made by `npm run docs`.
const GENERATED = /^docs\/api(?:\/|$)/

describe.each(pages.map((page) => [page.file, page] as const))('%s', (file, page) => {
  const links = linksIn(page.text)

  test('has links that lead somewhere', () => {
    const lost = links
      .map(({ target, line }) => [line, target, faultOf(file, target)])
      .filter((all) => all[2])
    expect(lost).toEqual([])
  })

  test('has no heading twice at one level that links could mean', () => {
    const titles = [...page.text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
    expect(new Set(titles).size).toBe(titles.length)
  })
})

test('there are links, and pages in both languages', () => {
  expect(pages.flatMap(({ text }) => linksIn(text)).length).toBeGreaterThan(100)
  const guide = pages.map(({ file }) => file).filter((file) => file.startsWith('docs/guide/'))
  expect(guide.length).toBeGreaterThan(15)
  for (const file of guide)
    expect(existsSync(join(root, file.replace('docs/', 'docs/zh-CN/'))), file).toBe(true)
})

function faultOf(file: string, target: string): string | undefined {
  if (/^https?:/.test(target)) return URL.canParse(target) ? undefined : 'no URL'
  if (/^[a-z]+:/.test(target)) return 'another scheme'
  const [path = '', anchor] = target.split('#')
  const found = path === '' ? file : fileFor(file, path)
  if (!found) return 'no such file'
  if (GENERATED.test(found) || anchor === undefined || !found.endsWith('.md')) return undefined
  return anchorsIn(pageOf(found).text).has(anchor) ? undefined : 'no such heading'
}

/** The file behind a path. What begins with a slash is a path of the site. */
function fileFor(from: string, path: string): string | undefined {
  const plain = path.startsWith('/') ? join('docs', path) : normalize(join(dirname(from), path))
  if (GENERATED.test(plain)) return plain
  const place = join(root, plain)
  if (!existsSync(place)) return undefined
  if (!statSync(place).isDirectory()) return plain
  const index = `${plain.replace(/\/$/, '')}/index.md`
  return existsSync(join(root, index)) ? index : plain
}
