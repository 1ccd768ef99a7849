/** What is a secret, and what of a text is left when it has gone. */
import { describe, expect, test } from 'vitest'
import { redact, redactAll } from '../../src/errors/redact.ts'
import { isCredential, secretsIn, withoutKeys } from '../../src/errors/secrets.ts'

describe('a credential is what', () => {
  test.each([
    ...['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'api-key', 'x-goog-api-key'],
    ...['x-auth-token', 'xi-api-key', 'apikey', 'helicone-auth', 'x-amz-security-token', 'x-functions-key'],
    ...[
      'key',
      'api_key',
      'apiKey',
      'access_token',
      'accessToken',
      'token',
      'sig',
      'X-Amz-Signature',
      'secret',
    ],
    ...['client_secret', 'password', 'subscription-key', 'jwt', 'x-session-token'],
  ])('is called %s', (name) => {
    expect(isCredential(name)).toBe(true)
  })

  test.each([
    ...['x-csrf-token', 'x-xsrf-token', 'x-max-tokens', 'x-author', 'idempotency-key', 'x-session-affinity'],
    ...['x-cache-key', 'prompt_cache_key', 'page_token', 'max_tokens', 'keyboard', 'accept', 'x-request-id'],
    ...['author', 'monkey', 'x-idempotency-key'],
  ])('is not called %s', (name) => {
    expect(isCredential(name)).toBe(false)
  })
})

describe('of a request', () => {
  test.each<[string, HeadersInit, string, string[]]>([
    ['a scheme of any name', { authorization: 'Key sk-abcdefg' }, '/', ['sk-abcdefg']],
    ['parameters', { authorization: 'Token token="abcdefgh", x=1' }, '/', ['abcdefgh']],
    ['a password', { authorization: `Basic ${btoa('somebody:pass:word')}` }, '/', ['somebody', 'pass:word']],
    [
      'user and password of a URL',
      {},
      'https://some%20one:pass%2Fword@a.example/',
      ['some one', 'pass/word'],
    ],
    ['a query', {}, '/chat?x=harmless&api_key=ab%2Fcdef', ['ab/cdef', 'ab%2Fcdef']],
  ])('what is secret is found in %s', (_where, headers, url, expected) => {
    expect(secretsIn(new Headers(headers), url)).toEqual(expect.arrayContaining(expected))
  })

  test('what is not secret is none', () => {
    expect(
      secretsIn(new Headers({ 'x-app': 'sea-otter' }), 'https://a.example/chat?q=sea-otter#key=abc'),
    ).toEqual([])
  })
})

describe('of a text', () => {
  const secrets = ['sk-abcdefgh']

  test.each([
    ['no sk-abcdefgh here, sk-abcdefgh', 'no [redacted] here, [redacted]'],
    ['cut: sk-abcd', 'cut: [redacted]'],
    ['cut: sk-abcd…', 'cut: [redacted]…'],
    ['cut: sk-abcd... and more', 'cut: [redacted]... and more'],
    ['begins sk-abcd but goes on', 'begins sk-abcd but goes on'],
    ['too little to tell: sk-', 'too little to tell: sk-'],
  ])('%j is left %j', (text, left) => {
    expect(redact(text, secrets)).toBe(left)
  })

  test('in a value goes as well, with names and numbers', () => {
    const value = { a: ['sk-abcdefgh'], 'sk-abcdefgh': { b: 12345678, c: 1, d: null, e: true } }
    expect(redactAll(value, [...secrets, '12345678'])).toEqual({
      a: ['[redacted]'],
      '[redacted]': { b: '[redacted]', c: 1, d: null, e: true },
    })
  })

  test('a value as deep as a server likes is looked through to a depth', () => {
    const deep = JSON.parse(`${'['.repeat(30_000)}"sk-abcdefgh"${']'.repeat(30_000)}`)
    expect(JSON.stringify(redactAll(deep, secrets))).not.toContain('sk-')
  })
})

test.each([
  ['/chat?key=abc&model=m#x', '/chat?model=m#x'],
  ['https://user:pw@a.example/v1?token=1', 'https://a.example/v1'],
  ['?a=1', '?a=1'],
  ['chat', 'chat'],
])('%s without keys is %s', (url, expected) => {
  expect(withoutKeys(url)).toBe(expected)
})
