/** SDKs on plain `fetch` and on `createFetch()`, over the same faults: what they make of them is in the README. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createFetch, isStreamError } from '../../src/fetch/index.ts'
import { type FaultServer, startFaultServer } from '../support/fault-server.ts'
import { FAULTS, mayHang, PIECES, type SdkFault } from '../support/sdk-faults.ts'
import { SDKS, type Sdk } from '../support/sdks.ts'

const WHOLE = PIECES.join('')
// Only where a server says nothing more, and nobody has a clock: all else ends by itself, however slow the machine.
const FOR_EVER_MS = 3_000

/** `typed`: an error of ours is what was thrown, or its cause. `silent`: half an answer, and not a word. */
type Outcome = 'whole' | 'typed' | 'error' | 'silent' | 'hangs'

type Outcomes = Readonly<Record<string, Outcome>>

const servers: FaultServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.close())))

async function meet(sdk: Sdk, fault: SdkFault, fetch: typeof globalThis.fetch): Promise<Outcome> {
  const server = await startFaultServer(...fault.scripts(sdk.language))
  servers.push(server)
  const read = sdk
    .read(new URL('/v1', server.url).href, fetch)
    .then((text): Outcome => (text === WHOLE ? 'whole' : 'silent'), outcomeOf)
  if (fetch !== globalThis.fetch || !mayHang(fault, sdk.language)) return read
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), FOR_EVER_MS)
  })
  return Promise.race([read, late]).finally(() => clearTimeout(timer))
}

function outcomeOf(thrown: unknown): Outcome {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (isStreamError(error)) return 'typed'
  return 'error'
}

const healing = () =>
  createFetch({
    retry: { baseMs: 1 },
    // Long enough for a slow machine that reads all of them at once.
    timeouts: { connectMs: 1_500, firstMs: 1_500, idleMs: 1_500 },
  })

async function all(sdk: Sdk, fetchOf: () => typeof fetch): Promise<Outcomes> {
  const outcomes = FAULTS.map(async (fault) => [fault.name, await meet(sdk, fault, fetchOf())] as const)
  return Object.fromEntries(await Promise.all(outcomes))
}

const table: string[] = []

describe.each(SDKS.map((sdk) => [sdk.name, sdk] as const))('%s', (name, sdk) => {
  test('over createFetch() has the whole answer, or an error', { timeout: 60_000 }, async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const without = await all(sdk, () => globalThis.fetch)
    const healed = await all(sdk, healing)
    if (process.env.SHOW)
      console.table(FAULTS.map(({ name }) => ({ name, a: without[name], b: healed[name] })))
    for (const { name, best } of FAULTS) {
      const isOpen = name === OPEN && sdk.language.endsWithFile
      expect(healed[name], name).toMatch(best === 'whole' && !isOpen ? /^whole$/ : /^(typed|error)$/)
    }
    // What an SDK says in its own words it has been told in the provider's.
    const own = Object.entries(healed).filter(([, outcome]) => outcome === 'error')
    expect(OWN_WORDS).toEqual(expect.arrayContaining(own.map(([fault]) => fault)))
    table.push(row(name, without, healed))
  })
})

const OPEN = 'a socket that stays open after the end'
const OWN_WORDS = ['status 400', 'an error in the middle']

/** How many, on plain `fetch` and on ours, came to each end. */
function row(name: string, without: Outcomes, healed: Outcomes): string {
  const count = (outcomes: Outcomes, kinds: readonly Outcome[]) =>
    Object.values(outcomes).filter((each) => kinds.includes(each)).length
  const cells = ENDS.map(([, ...kinds]) => `${count(without, kinds)} → ${count(healed, kinds)}`)
  return `| ${[name, ...cells].join(' | ')} |`
}

const ENDS: readonly (readonly [string, ...Outcome[]])[] = [
  ['whole', 'whole'],
  ['an error', 'typed', 'error'],
  ['half or nothing, and not a word', 'silent'],
  ['waits for ever', 'hangs'],
]

test.each(['README.md', 'docs/guide/sdks.md'])('is what %s says', (file) => {
  const page = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const [, shown] = /<!-- sdks -->\n([\s\S]*?)<!-- \/sdks -->/.exec(page) ?? []
  const title = `of ${FAULTS.length}: \`fetch\` → \`createFetch()\``
  const head = [`| ${[title, ...ENDS.map(([end]) => end)].join(' | ')} |`, '| --- | --- | --- | --- | --- |']
  const made = `${[...head, ...table].join('\n')}\n`
  if (process.env.SHOW) console.log(made)
  expect(shown).toBe(made)
})
