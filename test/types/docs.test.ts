/** The code of the README and of docs/ is what a strict TypeScript project can take over as it stands. */
import { describe, expect, test } from 'vitest'
import { pages, type Snippet } from '../support/markdown.ts'
import { complaintsOf } from './compile.ts'

// What is run in a process of its own is Node's, and not a page's; a recipe's tools are not installed here.
const isOurs = ({ words }: Snippet): boolean => !words.includes('process') && !words.includes('recipe')
const snippets = pages
  .flatMap(({ snippets }) => snippets)
  .filter(isOurs)
  .flatMap(moduleOf)
/** Of a component or a page without types nobody expects what a strict project wants: only that all names are right. */
const RELAXED: Readonly<Record<string, boolean>> = {
  noImplicitAny: false,
  strictNullChecks: false,
  exactOptionalPropertyTypes: false,
  noImplicitReturns: false,
}

describe.each([
  ["as its reader's strict TypeScript", ['js', 'ts', 'tsx'], {}],
  ['as JavaScript, its names and options checked', ['jsx', 'html', 'vue', 'svelte'], RELAXED],
])('a snippet of the documentation compiles %s', (_how, languages, options) => {
  const some = snippets.filter(({ language }) => languages.includes(language))
  const complaints = complaintsOf(
    some.map(({ code, language }) => ({ code, isJsx: /x$/.test(language) })),
    options,
  )

  test.each(some.map(({ file, line }, at) => [`${file}:${line}`, complaints[at]]))('%s', (_name, said) => {
    expect(said).toEqual([])
  })
})

/** What is a module in it: all of it, or the script of a page or a component. */
function moduleOf(snippet: Snippet): Snippet[] {
  switch (snippet.language) {
    case 'js':
    case 'ts':
    case 'jsx':
    case 'tsx':
      return [snippet]
    case 'html':
    case 'vue':
    case 'svelte':
      return [...snippet.code.matchAll(/<script(?! src| type="importmap")[^>]*>([\s\S]*?)<\/script>/g)].map(
        ([tag, code = '']) => ({
          ...snippet,
          language: /^<[^>]* lang="ts"/.test(tag) ? 'ts' : snippet.language,
          code: code.replace(/from '[^']*holdfast[^']*\.js'/, "from 'holdfast'"),
        }),
      )
    default:
      return []
  }
}
