/** What is written for people: its files, the code in them, the links between them. */
import { readdirSync, readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)
/** What is installed, built, or generated. */
const NOT_OURS = /node_modules|\.vitepress|^docs\/(?:zh-CN\/)?api\//

export interface Snippet {
  readonly file: string
  /** Of its first line of code. */
  readonly line: number
  readonly language: string
  /** What stands behind the language: for the tests, and no reader sees it. */
  readonly words: readonly string[]
  readonly code: string
}

export interface Page {
  /** From the root of the project. */
  readonly file: string
  readonly text: string
  readonly snippets: readonly Snippet[]
}

/** The README in both languages, `docs/`, and what stands beside them. */
export const pages: readonly Page[] = [
  ...filesIn('.', (name) => name.endsWith('.md'), false),
  ...filesIn('docs', (name) => name.endsWith('.md'), true),
  'demo/relay/README.md',
].map(pageOf)

export function pageOf(file: string): Page {
  const text = readFileSync(new URL(file, root), 'utf8')
  return { file, text, snippets: snippetsIn(file, text) }
}

function filesIn(folder: string, isWanted: (name: string) => boolean, recursive: boolean): string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive, encoding: 'utf8' })
    .map((name) => (folder === '.' ? name : `${folder}/${name}`))
    .filter((name) => isWanted(name) && !NOT_OURS.test(name))
    .sort()
}

function snippetsIn(file: string, text: string): Snippet[] {
  return [...text.matchAll(/^( *)```([\w-]+)([^\n]*)\n([\s\S]*?)^\1```$/gm)].map((found) => {
    const [, indent = '', language = '', words = '', code = ''] = found
    return {
      ...{ file, language, words: words.trim().split(/\s+/).filter(Boolean) },
      line: text.slice(0, found.index).split('\n').length + 1,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }
  })
}

/** A text without its code, in which nothing is a link or a heading. */
export function prose(text: string): string {
  return text
    .replace(/^( *)```[\s\S]*?^\1```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()<>]/g, ''))
}

export interface Link {
  readonly target: string
  readonly line: number
}

export function linksIn(text: string): Link[] {
  const readable = text.replace(/^( *)```[\s\S]*?^\1```$/gm, (code) => code.replace(/[^\n]/g, ''))
  const found = [
    ...readable.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g),
    ...readable.matchAll(/^ *link: (\S+)$/gm),
    ...readable.matchAll(/<(https?:[^>]+)>/g),
  ]
  return found.map((each) => ({
    target: each[1] ?? '',
    line: readable.slice(0, each.index).split('\n').length,
  }))
}

/** The anchors of a text's headings, as GitHub and VitePress (see `docs/.vitepress/slug.mjs`) make them. */
export function anchorsIn(text: string): Set<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, title = ''] of prose(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const slug = slugOf(title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, ''))
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    anchors.add(times ? `${slug}-${times}` : slug)
  }
  return anchors
}

function slugOf(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-')
}
