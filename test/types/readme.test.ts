/** The README's code is what a strict TypeScript project can take over as it stands. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { complaintsOf } from './compile.ts'

interface Snippet {
  readonly name: string
  readonly code: string
}

const snippets = snippetsOf(readFileSync(new URL('../../README.md', import.meta.url), 'utf8'))
const complaints = complaintsOf(snippets.map(({ code }) => code))

describe("a snippet of the README compiles as its reader's TypeScript", () => {
  test.each(snippets.map(({ name }, at) => [name, complaints[at]]))('%s', (_name, said) => {
    expect(said).toEqual([])
  })
})

/** Each piece of code, called by the heading it stands under and its place. */
function snippetsOf(markdown: string): Snippet[] {
  const titleOrCode = /^#+ (.+)$|^```(?:js|ts)\n([\s\S]*?)^```$/gm
  let heading = ''
  return [...markdown.matchAll(titleOrCode)].flatMap(({ 1: title, 2: code, index }): Snippet[] => {
    heading = title ?? heading
    const line = markdown.slice(0, index).split('\n').length
    return code === undefined ? [] : [{ name: `${heading}, line ${line}`, code }]
  })
}
