import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Each file names its own environment.
    include: ['*.test.{js,jsx}'],
    unstubGlobals: true,
    // A machine may be busy elsewhere.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 20_000,
  },
})
