/** Of pieces that PHP 8.2.36 (`php -S`, display_errors on) and Django 3.2.25 sent; none of it is asked for twice. */
import { expect, test } from 'vitest'
import { type StreamFailure, stream } from '../../src/index.ts'
import { useServer } from '../support/use-server.ts'

const server = useServer()
const hello = 'data: {"choices":[{"index":0,"delta":{"content":"Hello "}}]}\n\n'
const rest =
  'data: {"choices":[{"index":0,"delta":{"content":"world."}}]}\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
const uncaught = 'Uncaught Error: Call to undefined function undefined_fn() in /tmp/stacks/php/index.php:23'
const fatal = `<br />\n<b>Fatal error</b>:  ${uncaught}\nStack trace:\n#0 {main}\n  thrown in <b>/tmp/stacks/php/index.php</b> on line <b>23</b><br />\n`
const warning =
  '<br />\n<b>Warning</b>:  Undefined variable $nope in <b>/tmp/stacks/php/index.php</b> on line <b>9</b><br />\n'

const ask = () => stream(server.url, { json: {} }).answer()
const failure = () =>
  ask().then(
    () => expect.unreachable('it was whole'),
    (error: StreamFailure) => error,
  )

test.each([
  ['before the first event', '', fatal],
  ['between events', 'Hello ', hello + fatal],
  ['in an event', 'Hello ', `${hello}data: {"choices":[{"delta":{"content":"${fatal}`],
])("PHP's fatal error %s is told in its words", async (_, text, body) => {
  server.play({ steps: [body, 'END'] })
  const error = await failure()
  expect(error).toMatchObject({ code: 'api', message: uncaught, retryable: false })
  expect(error.answer?.text ?? '').toBe(text)
  expect(server.requests).toHaveLength(1)
})

test("PHP's parse error is told in its words, too", async () => {
  const says = 'syntax error, unexpected token "}" in <b>/srv/chat.php</b> on line <b>3</b><br />'
  server.play({ steps: [`<br />\n<b>Parse error</b>:  ${says}\n`, 'END'] })
  await expect(ask()).rejects.toMatchObject({
    code: 'api',
    message: says,
  })
  expect(server.requests).toHaveLength(1)
})

test("PHP's warning and no answer is refused, in its words", async () => {
  server.play({ steps: [warning, 'END'] })
  const error = await failure()
  expect(error).toMatchObject({ code: 'protocol', attempts: 1 })
  expect(error.message).toContain('Warning')
})

test("a warning of PHP's before the first event, or between two, is no part of the answer", async () => {
  for (const body of [warning + hello + rest, hello + warning + rest]) {
    server.play({ steps: [body, 'END'] })
    expect((await ask()).text).toBe('Hello world.')
    expect(server.requests).toHaveLength(1)
  }
})

test("Django's page for a missing CSRF token says so", async () => {
  const body =
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n  <title>403 Forbidden</title>\n</head>\n<body>\n<div id="summary">\n  <h1>Forbidden <span>(403)</span></h1>\n  <p>CSRF verification failed. Request aborted.</p>'
  server.play({ status: 403, headers: { 'content-type': 'text/html' }, steps: [body, 'END'] })
  const error = await failure()
  expect(error).toMatchObject({
    code: 'http',
    message: 'The server answered 403: CSRF verification failed. Request aborted.',
  })
})

test('a line of a text that looks like a field is not the whole of it', async () => {
  server.play({
    status: 400,
    headers: { 'content-type': 'text/plain' },
    steps: ['Bad upstream\ndata: 5\n', 'END'],
  })
  const error = await failure()
  expect(error).toMatchObject({ message: 'The server answered 400: Bad upstream' })
})
