/**
 * The proxies of Debian turn faults into other faults. Whatever they make of one, each answer ends in one verdict, none
 * is taken for whole that is not, and what was not asked for again is not billed again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AskOptions, type Asking, type Client, type Heard, node, page } from './clients.ts'
import { type Door, doors, isH2, type Proxies, startProxies } from './configs.ts'
import { type FaultName, faults, pathOf, WHOLE } from './faults.ts'
import { startUpstream, type Upstream } from './upstream.ts'
import { type Verdict, verdictOf } from './verdicts.ts'

let upstream: Upstream
let proxies: Proxies
beforeAll(async () => {
  upstream = await startUpstream()
  proxies = await startProxies(upstream.port)
}, 60_000)
afterAll(async () => {
  await proxies?.close()
  await upstream?.close()
})

const inNode = node(() => upstream)
const SERVER = 'the server itself'
type Place = Door | typeof SERVER

const places: readonly (readonly [Place, Client])[] = [
  [SERVER, inNode],
  ...doors.map((door) => [door, isH2(door) ? page : inNode] as const),
]
if (page.missing) console.warn(`${page.missing}\n(no proxy is tried over HTTP/2)`)

describe.each(places.filter(([, { missing }]) => !missing))('at %s', (place, client) => {
  const door = place === SERVER ? undefined : place
  let asking: Asking
  beforeAll(async () => {
    asking = await client.start(door ? proxies.originOf(door) : `http://127.0.0.1:${upstream.port}`)
  }, 60_000)
  afterAll(() => asking?.close())

  const names = (Object.keys(faults) as FaultName[]).filter((name) => door || !isProxys(name))
  const wanted = (name: FaultName) => verdictOf(name, door)
  /** All faults at the same time. */
  async function each<T>(some: readonly FaultName[], tell: (name: FaultName) => Promise<T>) {
    const told = await Promise.all(some.map(async (name) => [name, await tell(name)] as const))
    return Object.fromEntries(told)
  }
  async function asked(name: FaultName, options: AskOptions, times?: number) {
    const id = newId()
    const all = { timeouts: clocksFor(wanted(name)), ...options }
    const heard = await asking.ask(pathOf(name, id, times), id, all)
    return { heard, id, requests: upstream.requestsOf(id) }
  }

  test('each fault has one verdict, and is asked for once', async () => {
    const told = await each(names, async (name) => {
      const { heard, requests } = await asked(name, { retry: false })
      expectAgreement(heard)
      return { verdict: heard.verdict, text: heard.text, requests }
    })
    const requests = (name: FaultName) => (name === 'nobody behind the proxy' ? 0 : 1)
    expect(told).toEqual(
      Object.fromEntries(names.map((name) => [name, { ...wanted(name), requests: requests(name) }])),
    )
  })

  // Where nobody is, nobody will be.
  const passing = names.filter((name) => name !== 'nobody behind the proxy')

  test('what passes is healed as long as nobody has read anything, else told with what was read', async () => {
    const told = await each(passing, async (name) => {
      const { heard, requests } = await asked(name, { retry: QUICK }, 1)
      expectAgreement(heard)
      return { verdict: heard.verdict, text: heard.text, requests }
    })
    const healed = (name: FaultName) => {
      const first = wanted(name)
      return first.text === '' && !isFinal(first) ? HEALED : { ...first, requests: 1 }
    }
    expect(told).toEqual(Object.fromEntries(passing.map((name) => [name, healed(name)])))
  })

  test('what passes is healed by a replay, and the text is there once', async () => {
    const told = await each(passing, async (name) => {
      const { heard, requests } = await asked(name, { retry: QUICK, recovery: 'replay', canRewind: true }, 1)
      expectAgreement(heard)
      return { verdict: heard.verdict, text: heard.text, requests }
    })
    const healed = (name: FaultName) =>
      isFinal(wanted(name)) ? { ...wanted(name), requests: 1 } : HEALED
    expect(told).toEqual(Object.fromEntries(passing.map((name) => [name, healed(name)])))
  })

  test('the wish to be asked later gets through', async () => {
    const some = ['503 with Retry-After', '429 with Retry-After'] as const
    const told = await each(some, async (name) => (await asked(name, { retry: false })).heard.retryAfterMs)
    expect(told).toEqual(Object.fromEntries(some.map((name) => [name, 1_000])))
  })

  test.runIf(place !== 'nginx, gzip')('who leaves is not written for any longer', async () => {
    const read = await asked('silence mid-text', { retry: false, leaves: 'at the text' })
    expect(read.heard).toMatchObject({ verdict: 'aborted', text: 'Hold' })
    await upstream.closed(read.id)
    const waited = await asked('silence before headers', { retry: false, leaves: 300, timeouts: PATIENT })
    expect(waited.heard).toMatchObject({ verdict: 'aborted', text: '' })
    await upstream.closed(waited.id)
  })
})

// Whatever must come has its time, on any machine.
const PATIENT = { connectMs: 15_000, firstMs: 15_000, idleMs: 15_000, growth: 1 }
// A server's wish is on top of that.
const QUICK = { limit: 2, baseMs: 1 }
const HEALED = { verdict: 'whole', text: WHOLE, requests: 2 }

/** The clock that is to run out is a short one; the attempt that heals has ten times as long. */
function clocksFor({ verdict }: Verdict): typeof PATIENT {
  const phase = /^timeout (.*)/.exec(verdict)?.[1]
  return phase ? { ...PATIENT, [`${phase}Ms`]: 800, growth: 10 } : PATIENT
}

function isFinal({ verdict }: Verdict): boolean {
  return verdict === 'whole' || verdict.startsWith('protocol')
}

/** What only a proxy makes happen. */
function isProxys(name: FaultName): boolean {
  return 'way' in faults[name]
}

function expectAgreement({ text, iterated }: Heard): void {
  expect(iterated).toBe(text)
  expect(WHOLE.startsWith(text)).toBe(true)
}

let asks = 0
const newId = () => `ask-${asks++}`
