/** `npm run relay`, set up badly: it ends at once, and says which variable it was. Told twice to end, it does. */
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { closing } from '../support/relay.ts'
import { startRelayProcess } from '../support/relay-process.ts'

const refusal = (env: Record<string, string>): Promise<string> =>
  startRelayProcess(env).then(
    (relay) => closing(relay, (each) => each.kill('SIGKILL')).printed(),
    (error: Error) => error.message,
  )

test.each([
  [{ RELAY_LEASE_MS: '50' }, 'RELAY_LEASE_MS must be at least 100, not 50.'],
  [{ RELAY_KEEP_MS: '1e3' }, 'RELAY_KEEP_MS must be a whole number from 0 to 2147483647, not "1e3".'],
  [{ UPSTREAM_KEY: 's3cret' }, 'UPSTREAM_KEY needs an UPSTREAM_URL'],
  [{ REDIS_URL: 'redis://:s3cret@host:99999' }, 'REDIS_URL is no address'],
  [{ REDIS_URL: 'redis://u:s3cret@host/first' }, 'REDIS_URL is no address'],
  [{ HOST: '192.0.2.1' }, 'It cannot listen where HOST and PORT say, 192.0.2.1:0: '],
] as [Record<string, string>, string][])('%j', async (env, sentence) => {
  const message = await refusal(env)
  expect(message).toContain(`The relay has ended: ${sentence}`)
  expect(message).not.toContain('s3cret')
})

test('a port that is in use', async () => {
  const port = await freePort()
  const other = closing(createServer(), (each) => each.close())
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  expect(await refusal({ PORT: `${port}` })).toContain(`HOST and PORT say, 127.0.0.1:${port}: `)
})

// One alone waits for the answer, for as long as the grace is.
test.each([
  ['SIGINT', 'SIGTERM'],
  ['SIGTERM', 'SIGTERM'],
] as const)('%s and then %s end it at once', async (first, second) => {
  const env = { RELAY_GRACE_MS: '600000', UPSTREAM_URL: `http://127.0.0.1:${await silentModel()}` }
  const relay = closing(await startRelayProcess(env), (each) => each.kill('SIGKILL'))
  const init = { method: 'POST', body: '{"messages":[]}' }
  await fetch(relay.url, init)
  relay.kill(first)
  await expect.poll(async () => (await fetch(relay.url, init)).status).toBe(503)
  relay.kill(second)
  expect(await relay.ended).toBe(1)
})

/** Takes a question, and says nothing. */
async function silentModel(): Promise<number> {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing(server, (each) => each.close())
  return (server.address() as AddressInfo).port
}
