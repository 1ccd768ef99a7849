import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { words as en } from '../../demo/page/words/en.js'
import { words as zh } from '../../demo/page/words/zh.js'
import { answerTo, tokenize } from '../../demo/server/model.mjs'

const html = await readFile('demo/index.html', 'utf8')

/** All that a table holds, by its path: whether it is said as it is, or made of something. */
function kindsOf(table: object, path = ''): Record<string, string> {
  const kinds = Object.entries(table).map(([key, value]) =>
    typeof value === 'object' ? kindsOf(value, `${path}${key}.`) : { [path + key]: typeof value },
  )
  return Object.assign({}, ...kinds)
}

test('both languages have words for the same things', () => {
  const { faults: _, ...rest } = zh
  const { faults: __, ...own } = en
  expect(kindsOf(rest)).toEqual(kindsOf(own))
})

test('the page says in English what the table says', () => {
  const said = [...html.matchAll(/data-words="(\w+)"[^>]*>([^<]*)</g)].map(([, key, text]) => [key, text])
  expect(said.length).toBeGreaterThan(40)
  const page: Record<string, string> = en.page
  expect(said).toEqual(said.map(([key = '']) => [key, page[key]]))
  expect(Object.keys(page).filter((key) => key !== 'title' && !html.includes(`"${key}"`))).toEqual([])
  expect(html).toContain(`<title>${en.page.title}</title>`)
})

test('and in its attributes', () => {
  const labels: Record<string, string> = en.labels
  const said = [...html.matchAll(/data-label="(\w+)" (?:aria-label|placeholder|title)="([^"]*)"/g)]
  expect(said.map(([, key]) => key).sort()).toEqual(Object.keys(labels).sort())
  for (const [, key = '', text] of said) expect([key, text]).toEqual([key, labels[key]])
})

test.each(Object.entries(zh.page).filter(([key]) => key.startsWith('ask')))(
  'the question %s is answered in Chinese: %s',
  (_, question) => {
    const [told, retold] = [answerTo(question), answerTo(question, 'retold')]
    expect(told.length).toBeGreaterThan(100)
    expect(told.join('')).toMatch(/^你问“.*[。✨⚓⛵🌿]$/su)
    expect(told.join('')).not.toBe(retold.join(''))
    expect(told.join('').split('\n\n')[0]?.split('，')[0]).toBe(retold.join('').split('，')[0])
    expect(Math.max(...told.map((token) => Array.from(token).length))).toBeLessThanOrEqual(2)
    expect(told.join('')).not.toContain('\ufffd')
  },
)

test('English keeps its pieces', () => {
  expect(tokenize('one two three four').every((token) => token.length <= 5)).toBe(true)
})
