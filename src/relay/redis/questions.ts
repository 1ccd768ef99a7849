import type { Known, Opened } from '../store.ts'
import type { Connection } from './connection.ts'

// Of two who ask the same at the same moment one is first.
const MOST_TRIES = 3
const SWAP =
  "if redis.call('get',KEYS[1])==ARGV[1] then redis.call('set',KEYS[1],ARGV[2],'px',ARGV[3]) return 1 end return 0"

/**
 * Gives the key of a question to an answer, unless one that is running or whole has it.
 *
 * @returns who has it; `undefined`: it is given.
 */
export async function claimed(
  commands: Connection,
  question: string,
  { id, digest }: { readonly id: string; readonly digest: string },
  keepMs: number,
  look: (id: string) => Promise<Known | undefined>,
): Promise<Opened | undefined> {
  const value = `${id} ${digest}`
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const held = await commands.ask(['SET', question, value, 'NX', 'GET', 'PX', keepMs])
    if (typeof held !== 'string' || held === value) return undefined
    const [other = '', itsDigest] = held.split(' ')
    const state = (await look(other))?.state
    if (state === 'running' || state === 'done') return { id: other, digest: itsDigest }
    if ((await commands.ask(['EVAL', SWAP, 1, question, held, value, keepMs])) === 1) return undefined
  }
  throw new Error('The key of a question changes hands too often')
}
