/** Who asks: Node, and Chromium where a door speaks HTTP/2, which Node's `fetch` does not. */
import { type StreamOptions, stream } from '../../src/index.ts'
import type { Driver } from '../browser/engines.ts'
import { chromium } from '../browser/puppeteer.ts'
import { ask, type Heard } from './ask.mjs'
import type { Upstream } from './upstream.ts'

export type { Heard }

/** What a page can be told, as JSON. */
export interface AskOptions extends Pick<StreamOptions, 'retry' | 'recovery' | 'timeouts'> {
  /** Whether text may be taken back. */
  readonly canRewind?: boolean
  /** The caller goes: with the first text, or when he has waited so long. */
  readonly leaves?: 'at the text' | number
}

export interface Client {
  readonly name: 'Node' | 'Chromium'
  /** What is said where it is not installed. */
  readonly missing: string | undefined
  /** Gets ready to ask at an address. */
  start(origin: string): Promise<Asking>
}

export interface Asking {
  /** @param id - what the server knows the ask by. */
  ask(path: string, id: string, options: AskOptions): Promise<Heard>
  close(): Promise<unknown>
}

export function node(upstream: () => Upstream): Client {
  return {
    name: 'Node',
    missing: undefined,
    start: async (origin) => ({
      ask: (path, id, options) => ask(stream, origin + path, options, () => upstream().see(id)),
      close: async () => {},
    }),
  }
}

/** A page of the door's own. */
export const page: Client = {
  name: 'Chromium',
  missing: chromium.missing,
  async start(origin) {
    const driver: Driver = await chromium.launch()
    await driver.goto(`${origin}/`)
    await driver.evaluate(`Promise.all([import('/holdfast.js'), import('/ask.mjs')]).then(
      ([{ stream }, { ask }]) => {
        globalThis.asked = (path, id, options) =>
          ask(stream, location.origin + path, options, () => fetch('/seen?ask=' + id))
      })`)
    return {
      ask: (...call) => driver.evaluate(`asked(${call.map((each) => JSON.stringify(each)).join(', ')})`),
      close: () => driver.close(),
    }
  },
}
