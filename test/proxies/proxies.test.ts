/**
 * The proxies of Debian turn faults into other faults. Whatever they make of one, each answer ends in one verdict, none
 * is taken for whole that is not, and what was not asked for again is not billed again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Asking, type AskOptions, type Client, type Heard, node, page } from './clients.ts'
import { type Door, doors, gathers, isH2, type Proxies, startProxies } from './configs.ts'
import { BEGUN, type FaultName, faults, pathOf, WHOLE } from './faults.ts'
import { startUpstream, type Upstream } from './upstream.ts'
import { SOME, type Verdict, verdictOf } from './verdicts.ts'

let asks = 0
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

// Each test waits for clocks, and has as long as an attempt that heals.
const LONG = { timeout: 60_000 }

describe.each(places.filter(([, { missing }]) => !missing))('at %s', LONG, (place, client) => {
  const door = place === SERVER ? undefined : place
  let asking: Asking
  beforeAll(async () => {
    asking = await client.start(door ? proxies.originOf(door) : `http://127.0.0.1:${upstream.port}`)
    // The first asks of a process, or of a page, take their time: no clock is to run out over them.
    await Promise.all(Array.from({ length: 5 }, () => ask('no fault', { retry: false })))
  }, 60_000)
  afterAll(() => asking?.close())

  const names = (Object.keys(faults) as FaultName[]).filter((name) => door || !isProxys(name))
  // Where nobody is, nobody will be.
  const passing = names.filter((name) => name !== 'nobody behind the proxy')
  const wanted = (name: FaultName) => verdictOf(name, door)

  async function ask(name: FaultName, options: AskOptions, times?: number) {
    const id = `ask-${asks++}`
    const all = { timeouts: clocksFor(wanted(name)), ...options }
    const heard = await asking.ask(pathOf(name, id, times), id, all)
    expectAgreement(heard)
    return { id, heard, requests: upstream.requestsOf(id) }
  }
  /** All at the same time: what each has come to, beside what it should have. */
  async function compare(
    some: readonly FaultName[],
    options: AskOptions,
    times: number | undefined,
    expected: (verdict: Verdict) => Verdict,
  ) {
    const told = await Promise.all(
      some.map(async (name) => {
        const { heard, requests } = await ask(name, options, times)
        const text = wanted(name).text === SOME ? SOME : heard.text
        return [name, { verdict: heard.verdict, text, requests }] as const
      }),
    )
    expect(Object.fromEntries(told)).toEqual(
      Object.fromEntries(some.map((name) => [name, expected(wanted(name))])),
    )
  }

  test.concurrent('each fault has one verdict', async () => {
    await compare(names, { retry: false }, undefined, (verdict) => verdict)
  })

  test.concurrent('what passes is healed while nobody has read anything, else told with what was read', async () => {
    const known = passing.filter((name) => wanted(name).text !== SOME)
    await compare(known, { retry: QUICK }, 1, (verdict) =>
      verdict.text === '' && !isFinal(verdict) ? HEALED : verdict,
    )
  })

  test.concurrent('what passes is healed by a replay, and the text is there once', async () => {
    const options = { retry: QUICK, recovery: 'replay', canRewind: true } as const
    await compare(passing, options, 1, (verdict) =>
      isFinal(verdict) ? verdict : { ...HEALED, text: verdict.text === SOME ? SOME : WHOLE },
    )
  })

  test.concurrent.each(['503 with Retry-After', '429 with Retry-After'] as const)(
    'the wish to be asked later gets through: %s',
    async (name) => {
      expect((await ask(name, { retry: false })).heard.retryAfterMs).toBe(1_000)
    },
  )

  const isKept = door !== undefined && gathers(door)
  const kept = isKept
    ? ['what is kept from us looks like a server that says nothing, and the message says so']
    : []
  test.concurrent.each(kept)('%s', async () => {
    const { heard } = await ask('silence mid-text', { retry: false })
    expect(heard.message).toBe(
      'No response headers after 2500 ms (timeouts.connectMs), or a proxy keeps them (nginx: proxy_buffering off)',
    )
  })

  // One that gathers everything does not look whether anybody is still there.
  const leaving = isKept ? [] : ['who leaves is not written for any longer']
  test.concurrent.each(leaving)('%s', async () => {
    const reader = await ask('silence mid-text', { retry: false, leaves: 'at the text' })
    expect(reader.heard).toMatchObject({ verdict: 'aborted', text: BEGUN })
    await upstream.closed(reader.id)
    const waiting = await ask('silence before headers', { retry: false, leaves: 1_500, timeouts: PATIENT })
    expect(waiting.heard).toMatchObject({ verdict: 'aborted', text: '' })
    expect(waiting.requests).toBe(1)
    await upstream.closed(waiting.id)
  })
})

// Whatever must come has its time, on any machine.
const PATIENT = { connectMs: 15_000, firstMs: 15_000, idleMs: 15_000, growth: 1 }
// Long enough for a request to get to the server on a machine that is busy elsewhere.
const SHORT_MS = 2_500
// A server's wish is on top of that.
const QUICK = { limit: 2, baseMs: 1 }
const HEALED = { verdict: 'whole', text: WHOLE, requests: 2 }

/** The clock that is to run out is a short one; the attempt that heals has ten times as long. */
function clocksFor({ verdict }: Verdict): typeof PATIENT {
  const phase = /^timeout (.*)/.exec(verdict)?.[1]
  return phase ? { ...PATIENT, [`${phase}Ms`]: SHORT_MS, growth: 10 } : PATIENT
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
