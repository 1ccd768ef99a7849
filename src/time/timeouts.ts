/** The clocks of a reply, in ms; `0` switches one off. Each closes the socket when it fires. */
export interface Timeouts {
  /**
   * Request sent → response headers. Firefox settles `fetch` only at the first body byte, so there it waits for
   * that.
   * @defaultValue 300 000
   */
  readonly connectMs?: number | undefined
  /**
   * Attempt begun → first delta (text, reasoning or tool call); keep-alives do not extend it.
   * @defaultValue 600 000
   */
  readonly firstMs?: number | undefined
  /**
   * Between deltas; keep-alive comments and pings do not count.
   * @defaultValue 300 000
   */
  readonly idleMs?: number | undefined
  /**
   * Between bytes of any kind: a dead connection to a server that sends heartbeats. `'auto'` learns from them: asleep until
   * two alike (comments, pings) have shown how far apart they are, then three times that, from 6 000 to 60 000 ms. Without
   * heartbeats, or once they stop while the answer goes on, there is no such clock.
   * @defaultValue `'auto'`
   */
  readonly silenceMs?: number | 'auto' | undefined
  /**
   * The whole reply, attempts and the waits between them included.
   * @defaultValue 0
   */
  readonly totalMs?: number | undefined
  /**
   * Multiplies connect, first and idle on each further attempt.
   * @defaultValue 1
   */
  readonly growth?: number | undefined
}

/** Every clock given. */
export type ResolvedTimeouts = { readonly [K in keyof Timeouts]-?: Exclude<Timeouts[K], undefined> }

/** The defaults: reasoning models may think for minutes. */
export const patient: ResolvedTimeouts = Object.freeze({
  connectMs: 300_000,
  firstMs: 600_000,
  idleMs: 300_000,
  silenceMs: 'auto',
  totalMs: 0,
  growth: 1,
})

/** A chat page that would rather fail than wait. */
export const interactive: ResolvedTimeouts = /* @__PURE__ */ Object.freeze({
  connectMs: 10_000,
  firstMs: 60_000,
  idleMs: 60_000,
  silenceMs: 'auto',
  totalMs: 120_000,
  growth: 2,
})
