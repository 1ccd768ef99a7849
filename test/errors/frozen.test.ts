/** A page that has frozen what every script shares (as SES does) still hears in our words why an answer did not come. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { expect, test } from 'vitest'

const library = JSON.stringify(fileURLToPath(new URL('../../src/index.ts', import.meta.url)))

// In a process of its own, because a frozen prototype cannot be thawed.
const page = `
  import { isStreamError, stream } from ${library}
  for (const each of [Error, TypeError, Object, Array, Function, Promise]) Object.freeze(each.prototype)
  const heard = (fetch) => stream('http://model.test/', { fetch, json: {}, retry: false }).text().catch((error) =>
    [isStreamError(error), error.name, error.toJSON().name, error.code, error.message, String(error.cause)])
  console.log(JSON.stringify([
    await heard(async () => new Response('{"error":{"message":"No such model"}}', { status: 400 })),
    await heard(async () => { throw new TypeError('ECONNREFUSED') }),
  ]))`

test('where Error.prototype is frozen, errors keep their names, codes, messages and causes', () => {
  const build = { bundle: true, format: 'esm', platform: 'node', target: 'es2022', write: false } as const
  const { outputFiles } = buildSync({ stdin: { contents: page, resolveDir: import.meta.dirname }, ...build })
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], {
    input: outputFiles[0]?.text ?? '',
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([
    [true, 'HttpError', 'HttpError', 'http', 'The server answered 400: No such model', 'undefined'],
    [
      true,
      'NetworkError',
      'NetworkError',
      'network',
      expect.stringContaining('The request did not get through'),
      'TypeError: ECONNREFUSED',
    ],
  ])
})
