// @ts-check
/**
 * Writes the sizes of the build, and those kept in bench/sizes.json, into the pages that show them.
 *
 *     npm run size -- --write && npm run figures
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { kept } from '../bench/size.mjs'

const root = new URL('../', import.meta.url)
const PAGES = ['README.md', 'README.zh-CN.md', 'docs/size.md']

/** What peers cost, by `bench/cold/bundle.mjs`: no part of the build, so measured by hand when they are updated. */
const PEERS = {
  'a loop over `response.body`': 389,
  '`@microsoft/fetch-event-source`': 1407,
  '`eventsource-client`': 2792,
  'ky and `parse-sse`': 9251,
  '`holdfast/core` with one dialect': 29232,
  '`holdfast`': 54507,
  '`openai`': 82860,
  'the AI SDK (`ai`, `@ai-sdk/openai-compatible`)': 176863,
}

const kB = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} kB`
const rows = (/** @type {Record<string, number>} */ sizes) =>
  Object.entries(sizes).map(([what, bytes]) => `| ${what} | ${kB(bytes)} |`)
const table = (/** @type {string[]} */ lines) =>
  ['', '| | gzipped |', '| --- | --- |', ...lines, ''].join('\n')
const named = (/** @type {string} */ what) => `\`${what.replace(': ', '`: ').replace(/^([^:]*)$/, '$1`')}`

/** What stands between each pair of marks. @returns {Record<string, string>} */
export function figures() {
  const sizes = kept()
  const of = (/** @type {string} */ what) => kB(sizes[what]?.gzip ?? 0)
  const rowsOfAll = Object.entries(sizes).map(
    ([what, { gzip, brotli }]) => `| ${named(what)} | ${kB(gzip)} | ${kB(brotli)} |`,
  )
  return {
    size: `${kB(gzipSync(readFileSync(new URL('dist/holdfast.min.js', root)), { level: 9 }).length)} gzip`,
    both: of('holdfast: stream and render'),
    core: of('holdfast/core: stream with openaiChat'),
    dom: of('holdfast/dom: render'),
    sizes: ['', '| | gzipped | by brotli |', '| --- | --- | --- |', ...rowsOfAll, ''].join('\n'),
    peers: table(rows(PEERS)),
  }
}

/** A page with the figures as they are now. @param {string} text */
export function withFigures(text) {
  const all = figures()
  return text.replace(/<!-- (\w+) -->([^<]*)<!-- \/\1 -->/g, (found, name) =>
    name in all ? `<!-- ${name} -->${all[name]}<!-- /${name} -->` : found,
  )
}

if (argv[1] === fileURLToPath(import.meta.url))
  for (const page of PAGES) {
    const file = new URL(page, root)
    writeFileSync(file, withFigures(readFileSync(file, 'utf8')))
  }
