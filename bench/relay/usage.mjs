// @ts-check

/** Tells the parent, whenever it asks, what this process has used so far. */
export function reportUsage() {
  process.on('message', () => {
    globalThis.gc?.()
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed, external } = process.memoryUsage()
    process.send?.({ cpuMs: (user + system) / 1000, rss, kept: heapUsed + external })
  })
}
