/** The code of the README and of docs/ is what a strict TypeScript project can take over as it stands. */
import { describe, expect, test } from 'vitest'
import { pages, type Snippet } from '../support/markdown.ts'
import { complaintsOf } from './compile.ts'

const snippets = pages.flatMap(({ snippets }) => snippets).flatMap(moduleOf)
const complaints = complaintsOf(snippets.map(({ code, language }) => ({ code, isJsx: language === 'jsx' })))

describe("a snippet of the documentation compiles as its reader's TypeScript", () => {
  test.each(snippets.map(({ file, line }, at) => [`${file}:${line}`, complaints[at]]))(
    '%s',
    (_name, said) => {
      expect(said).toEqual([])
    },
  )
})

/** What is a module in it: all of it, or the script of a page or a component. */
function moduleOf(snippet: Snippet): Snippet[] {
  switch (snippet.language) {
    case 'js':
    case 'ts':
      return [snippet]
    case 'jsx':
    case 'tsx':
      return [{ ...snippet, language: 'jsx' }]
    case 'html':
    case 'vue':
    case 'svelte':
      return [...snippet.code.matchAll(/<script(?! src)[^>]*>([\s\S]*?)<\/script>/g)].map(
        ([, code = '']) => ({
          ...snippet,
          code: code.replace(/from '[^']*holdfast[^']*\.js'/, "from 'holdfast'"),
        }),
      )
    default:
      return []
  }
}
