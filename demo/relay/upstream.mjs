// @ts-check
import { createClient } from '../../dist/index.js'
import { startServer } from '../server/server.mjs'

/**
 * Who answers: a provider, or the simulated model on a port of its own.
 * @param {{ url: string, key: string | undefined } | undefined} upstream
 */
export async function upstreamFor(upstream) {
  if (upstream) {
    const baseUrl = upstream.url.replace(/\/chat\/completions\/?$/, '')
    return {
      ai: createClient({ baseUrl, ...(upstream.key && { apiKey: upstream.key }) }),
      close: async () => {},
      sentence: `The answers come from ${new URL(baseUrl).host}.`,
    }
  }
  const model = await startServer({ port: 0 })
  return {
    ai: createClient({ baseUrl: `${model.url}/v1` }),
    close: model.close,
    sentence: 'The answers come from the simulated model; nothing leaves this machine.',
  }
}
