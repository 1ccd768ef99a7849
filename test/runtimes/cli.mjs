/** What a runtime on the command line is given: the library as it is built, and a server. It prints what it found. */
import { inspect } from 'node:util'
import { findLeaks } from './leaks.mjs'
import { withKey } from './with-key.mjs'

const [path = '', base = '', dead = ''] = process.argv.slice(2)
const library = await import(path)
const all = (/** @type {unknown} */ value) => inspect(value, { depth: 9, showHidden: true })
console.log(
  JSON.stringify({ ...(await findLeaks(library, base, dead, all)), ...(await withKey(library, base)) }),
)
