/** What a runtime on the command line is given: a task and addresses. It does it with the library as it is built, and prints what came of it. */
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'

const [path = '', addresses = ''] = process.argv.slice(2)
const { run } = await import(pathToFileURL(path).href)
const entries = ['index', 'store', 'testing', 'relay']
const modules = await Promise.all(
  entries.map((name) => import(new URL(`../../dist/${name}.js`, import.meta.url).href)),
)
const all = (/** @type {unknown} */ value) => inspect(value, { depth: 9, showHidden: true })
console.log(JSON.stringify(await run(Object.assign({}, ...modules), JSON.parse(addresses), all)))
// What a failed check has left open shall not hold up the others.
process.exit()
