// The switch of languages leads from each English page to its Chinese one: where there is none, this says so.
import { existsSync, readdirSync } from 'node:fs'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('..', import.meta.url))
const base = env.DOCS_BASE ?? '/docs/'

export default {
  paths: () =>
    readdirSync(docs, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => /^(?:[\w-]+\/)*[\w-]+\.md$/.test(file) && !/^(?:zh-CN|node_modules)\//.test(file))
      .filter((file) => !existsSync(`${docs}zh-CN/${file}`))
      .map((file) => file.slice(0, -'.md'.length))
      .map((page) => ({ params: { page, english: `${base}${page}.html`, chinese: `${base}zh-CN/` } })),
}
