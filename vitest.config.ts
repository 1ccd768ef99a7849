import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/announce.ts',
    // Real sockets and a real browser: generous, because the machines are shared; no test waits for its timeout.
    testTimeout: 20_000,
    // One would do for two processors, says vitest; but the browser tests often wait. With three nothing is done sooner.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    expect: { poll: { timeout: 8_000, interval: 10 } },
    unstubGlobals: true,
    restoreMocks: true,
  },
})
