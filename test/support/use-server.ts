import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type FaultServer, type Script, startFaultServer } from './fault-server.ts'

/** One fault server for a test file, with an empty memory for each test. */
export function useServer(): { readonly url: string; play(...scripts: readonly Script[]): void } & Pick<
  FaultServer,
  'requests' | 'openSockets'
> {
  let server: FaultServer
  beforeAll(async () => {
    server = await startFaultServer()
  })
  beforeEach(() => server.play({}))
  afterAll(() => server.close())
  return {
    get url() {
      return server.url
    },
    get requests() {
      return server.requests
    },
    get openSockets() {
      return server.openSockets
    },
    play: (...scripts) => server.play(...scripts),
  }
}
