import { afterAll, beforeAll } from 'vitest'
import type { Driver, Engine } from './engines.ts'

/** A browser and a server for the tests of a block: there before the first of them, gone after the last. */
export function useBrowser<Server extends { close(): Promise<unknown> }>(
  engine: Engine,
  start: () => Promise<Server>,
): { readonly driver: Driver; readonly server: Server } {
  let driver: Driver | undefined
  let server: Server | undefined
  beforeAll(async () => {
    server = await start()
    driver = await engine.launch()
  }, 60_000)
  afterAll(async () => {
    await driver?.close()
    await server?.close()
  })
  return { driver: later(() => driver), server: later(() => server) }
}

/** Stands for what only a hook will make, so that a block can name it before. */
function later<T extends object>(made: () => T | undefined): T {
  return new Proxy({} as T, { get: (_, name) => Reflect.get(made() as T, name) })
}
