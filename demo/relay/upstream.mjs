// @ts-check
import { createClient } from '../../dist/index.js'
import { startServer } from '../server/server.mjs'
import { clientOf } from '../server/upstream.mjs'

/**
 * Who answers: a provider, or the simulated model on a port of its own.
 * @param {import('../server/upstream.mjs').Upstream | undefined} upstream
 */
export async function upstreamFor(upstream) {
  if (upstream) {
    return {
      ai: clientOf(upstream),
      close: async () => {},
      sentence: `The answers come from ${new URL(upstream.baseUrl).host}.`,
    }
  }
  const model = await startServer({ port: 0 })
  return {
    ai: createClient({ baseUrl: `${model.url}/v1` }),
    close: model.close,
    sentence: 'The answers come from the simulated model; nothing leaves this machine.',
  }
}
