/** `npm run relay`, set up badly: it ends at once, and says which variable it was. */
import { createServer } from 'node:net'
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
