/** The rotation among servers that can stand in for each other. Pure: no clock of its own. */

/** One server, as a reply knows it. */
export interface ServerRecord {
  /** When it may be asked again, in monotonic ms. */
  readonly freeAtMs: number
  /** How long it wants to be left alone whenever a stream of it breaks (its `retry:` field), in ms. */
  readonly retryMs: number
  /** Whether it has been asked in this round. */
  readonly wasAsked: boolean
}

/** The servers in the order given, each once, then a new round; and which of them is at hand. */
export interface Rotation {
  readonly at: number
  readonly servers: readonly ServerRecord[]
}

/** The next server to ask. */
export interface Next {
  readonly at: number
  /** How long it wants to be left alone, in ms. */
  readonly waitMs: number
  /** Whether it has not been asked yet in this round. */
  readonly isFresh: boolean
}

/** What turns a rotation; with one server there is nothing to turn. */
export interface Rotating {
  nextServer(rotation: Rotation, now: number): Next
  advanced(rotation: Rotation, now: number): Rotation
}

/** @param first - whom to ask first. */
export function rotation(count: number, first: number): Rotation {
  const server = (at: number): ServerRecord => ({ freeAtMs: 0, retryMs: 0, wasAsked: at === first })
  return { at: first, servers: Array.from({ length: count }, (_, at) => server(at)) }
}

/** The server at hand is to be left alone for so long. */
export function postponed(rotation: Rotation, ms: number, now: number): Rotation {
  return changed(rotation, { freeAtMs: now + ms })
}

/** What is known of the server at hand changes. */
export function changed({ at, servers }: Rotation, change: Partial<ServerRecord>): Rotation {
  return { at, servers: servers.map((server, index) => (index === at ? { ...server, ...change } : server)) }
}

/** How long the server at hand still wants to be left alone, in ms. */
export function waitMs(rotation: Rotation, now: number): number {
  return wait(rotation, rotation.at, now)
}

/** Who would be next, should the server at hand not be asked again. One that asked to be left alone is passed over. */
export function nextServer(rotation: Rotation, now: number): Next {
  const { at, servers } = rotation
  const inTurn = servers.map((_, step) => (at + 1 + step) % servers.length)
  const fresh = inTurn.find((index) => !servers[index]?.wasAsked && wait(rotation, index, now) === 0)
  if (fresh !== undefined) return { at: fresh, waitMs: 0, isFresh: true }
  const next = inTurn.reduce((best, each) =>
    wait(rotation, each, now) < wait(rotation, best, now) ? each : best,
  )
  return { at: next, waitMs: wait(rotation, next, now), isFresh: false }
}

/** Goes on to {@link nextServer}. */
export function advanced(rotation: Rotation, now: number): Rotation {
  const { at, isFresh } = nextServer(rotation, now)
  const servers = isFresh ? rotation.servers : rotation.servers.map((each) => ({ ...each, wasAsked: false }))
  return changed({ at, servers }, { wasAsked: true })
}

function wait({ servers }: Rotation, index: number, now: number): number {
  return Math.max(0, (servers[index]?.freeAtMs ?? 0) - now)
}
