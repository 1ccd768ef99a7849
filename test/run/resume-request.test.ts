/** The request for the rest of an answer: who may be asked for it, how, and from where. */
import { describe, expect, test, vi } from 'vitest'
import type { TextCheckpoint } from '../../src/answer/checkpoint.ts'
import { type Position, ResumeCursor } from '../../src/answer/cursor.ts'
import { Transcript } from '../../src/answer/transcript.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { plain } from '../../src/dialects/plain.ts'
import { CallbackError, NetworkError } from '../../src/errors/errors.ts'
import type { Delta } from '../../src/events.ts'
import { type ResumeFunction, resolve, type StreamOptions } from '../../src/options.ts'
import type { Endpoint } from '../../src/request/endpoints.ts'
import { canResume, checkpointOf, ownRest, usualRest } from '../../src/run/resume-request.ts'
import { call, finish, text } from '../support/deltas.ts'
import { comparing, everything } from '../support/everything.ts'

const URL_ASKED = 'https://a.example/chat?user=7'
const place = { text: 4, reasoning: 0 }
const position: Position = {
  ...{ lastEventId: 'e7', place, completion: 'one', state: 7 },
  seen: [{ id: 'e7', text: 3, reasoning: 0 }],
}
const broken = new NetworkError('body')

function planned(options: StreamOptions = {}) {
  const plan = resolve(URL_ASKED, { dialect: plain, ...options }, everything)
  const endpoint = plan.endpoints[0] as Endpoint
  const transcript = new Transcript(0)
  transcript.add(text('The sea'))
  const standing = { plan, transcript, cursor: undefined }
  const rest = (from: Position | undefined = position) => usualRest(standing, endpoint, from)
  const canFrom = (from: Position | undefined, hasText = true) =>
    canResume({ ...standing, ...(!hasText && { transcript: new Transcript(0) }) }, endpoint, from)
  const can = (from: Position = position) => canFrom(from)
  return { plan, endpoint, rest, can, canFrom }
}

describe('an event id', () => {
  const header = (id: string) => planned().rest({ lastEventId: id })?.request.added['last-event-id']

  test.each([
    ['a number', '7'],
    ['spaces and a tab within', 'a b\tc'],
    ['é', 'é'],
    ['消息', '消息-1'],
    ['an emoji', '\u{1f389}1'],
    ['4096 bytes', 'x'.repeat(4_096)],
    ['4096 bytes of another script', `${'消'.repeat(1_365)}x`],
  ])('is sent as the bytes of its UTF-8: %s', (_what, id) => {
    const sent = new Headers({ 'last-event-id': header(id) ?? '' }).get('last-event-id') ?? ''
    expect(new TextDecoder().decode(Uint8Array.from(sent, (each) => each.charCodeAt(0)))).toBe(id)
    expect(planned().can({ lastEventId: id })).toBe(true)
  })

  test.each([
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['a null character', 'a\0'],
    ['another control character', 'a\u0007'],
    ['a delete character', 'a\u007f'],
    ['4097 bytes', 'x'.repeat(4_097)],
    ['4098 bytes of another script', '消'.repeat(1_366)],
  ])('cannot be sent with %s: then there is no rest to ask for', (_what, id) => {
    expect(planned().rest({ lastEventId: id })).toBeUndefined()
    expect(planned().can({ lastEventId: id })).toBe(false)
  })

  const body = () => new ReadableStream()
  test.each<[string, StreamOptions, Position | undefined, boolean]>([
    ['yes for a GET', {}, position, true],
    ["yes for a GET with recovery 'resume'", { recovery: 'resume' }, position, true],
    ['no for a POST without a word from the caller', { json: {} }, position, false],
    ["yes for a POST with recovery 'resume'", { json: {}, recovery: 'resume' }, position, true],
    ['no for a PUT without a word', { method: 'PUT', body: 'x' }, position, false],
    ['no for a body that can be sent only once', { body: body(), recovery: 'resume' }, position, false],
    ['no where there is none', { recovery: 'resume' }, { state: 7 }, false],
    ['no where nothing is known', { recovery: 'resume' }, undefined, false],
  ])('is asked with, or not: %s', (_what, options, from, expected) => {
    const { can, rest } = planned(options)
    expect(can(from ?? {})).toBe(expected)
    expect(rest(from ?? {}) !== undefined).toBe(expected)
  })

  test.each(['replay', 'fail'] as const)("is not asked with where recovery is '%s'", (recovery) => {
    expect(planned({ recovery }).can()).toBe(false)
  })

  test('goes with the same request, and its position with it', () => {
    const { endpoint, rest } = planned({ json: { a: 1 }, idempotencyKey: 'k', recovery: 'resume' })
    expect(rest()).toEqual({
      request: { ...endpoint.request, added: { 'idempotency-key': 'k', 'last-event-id': 'e7' } },
      position,
    })
    expect(endpoint.request.added).toEqual({ 'idempotency-key': 'k' })
  })
})

describe('a dialect with a cursor of its own', () => {
  const resume = (url: string, state: unknown) =>
    state === undefined ? undefined : { url: `${url}&after=${state}`, method: 'GET' }
  const dialect: Dialect = { ...plain, resume }

  test('makes the request, even for a POST: without a body, with the same headers but for its type', () => {
    const headers = { 'x-user': '7', 'content-type': 'application/json' }
    const options = { json: { a: 1 }, headers, dialect, idempotencyKey: 'k' }
    const { endpoint, rest, can } = planned(options)
    expect(can()).toBe(true)
    expect(rest()?.request).toEqual({
      ...endpoint.request,
      ...{ url: `${URL_ASKED}&after=7`, method: 'GET', body: undefined, contentType: undefined },
      headers: expect.anything(),
    })
    expect([...new Headers(rest()?.request.headers as HeadersInit)]).toEqual([['x-user', '7']])
  })

  test('goes before Last-Event-ID, and tells nothing of the ids to come', () => {
    const found = planned({ dialect }).rest()
    expect(found?.request.added).toEqual({})
    expect(found?.position).toEqual({ place, completion: 'one', state: 7 })
  })

  test('is asked with the URL and its own state', () => {
    const spy = vi.fn(resume)
    planned({ dialect: { ...plain, resume: spy } }).rest()
    expect(spy).toHaveBeenCalledExactlyOnceWith(URL_ASKED, 7)
  })

  test('leaves it to the id where it knows no way', () => {
    const { rest } = planned({ dialect })
    expect(rest({ ...position, state: undefined })?.request.added).toEqual({ 'last-event-id': 'e7' })
    expect(rest({ place })).toBeUndefined()
  })

  test.each(['replay', 'fail'] as const)("is not even asked where recovery is '%s'", (recovery) => {
    const spy = vi.fn(resume)
    expect(planned({ dialect: { ...plain, resume: spy }, recovery }).can()).toBe(false)
    expect(spy).not.toHaveBeenCalled()
  })

  test('that throws is named, with what it threw', () => {
    const cause = new Error('boom')
    const throws = (): never => {
      throw cause
    }
    const { rest, can } = planned({ dialect: { ...plain, resume: throws } })
    for (const ask of [rest, can]) {
      const error = caught(() => ask())
      expect(error).toBeInstanceOf(CallbackError)
      expect(error).toMatchObject({ code: 'callback', callback: 'dialect.resume', cause })
    }
  })
})

function caught(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('the caller’s resume', () => {
  const checkpoint: TextCheckpoint = {
    ...{ version: 1, url: 'https://a.example/chat', text: 'The ', reasoning: '', toolCalls: [], position },
  }

  function asked(resume: ResumeFunction, options: StreamOptions = {}, from = checkpoint) {
    const { endpoint } = planned({ json: { a: 1 }, headers: { 'x-user': '7' }, ...options })
    return ownRest(resume, endpoint.request, from, broken)
  }

  test.each<[string, StreamOptions, Position | undefined, boolean, boolean]>([
    ['yes where there is text, even for a POST without a position', { json: {} }, undefined, true, true],
    ['no where there is nothing to go on from', { json: {} }, undefined, false, false],
    ["no with recovery 'replay'", { json: {}, recovery: 'replay' }, position, true, false],
    ["no with recovery 'fail'", { json: {}, recovery: 'fail' }, position, true, false],
  ])('is asked, or not: %s', (_when, options, from, hasText, expected) => {
    expect(planned({ resume: () => undefined, ...options }).canFrom(from, hasText)).toBe(expected)
  })

  test('is told where the reply stands, and what broke it', async () => {
    const resume = vi.fn<ResumeFunction>(async () => undefined)
    expect(await asked(resume)).toBeUndefined()
    expect(resume).toHaveBeenCalledExactlyOnceWith(checkpoint, broken)
  })

  test.each<[string, Awaited<ReturnType<ResumeFunction>>, object]>([
    [
      'a URL alone makes a GET',
      { url: '/rest' },
      { url: 'https://a.example/rest', method: 'GET', body: undefined },
    ],
    [
      'no more than a header is the same request',
      { headers: {} },
      { url: URL_ASKED, method: 'POST', body: '{"a":1}', contentType: 'application/json' },
    ],
    ['JSON makes a POST of it', { json: { b: 2 } }, { url: URL_ASKED, method: 'POST', body: '{"b":2}' }],
    ['a body goes as it is', { body: 'x' }, { method: 'POST', body: 'x', contentType: undefined }],
    ['a method is taken as given', { method: 'PUT' }, { method: 'PUT', body: '{"a":1}' }],
    [
      'search parameters are added',
      { searchParams: { after: 7 } },
      { options: { searchParams: '?after=7' } },
    ],
  ])('%s', async (_sentence, given, request) => {
    expect((await asked(() => given))?.request).toMatchObject(request)
  })

  test('has its headers merged with those of the call', async () => {
    const rest = await asked(() => ({ headers: { 'x-rest': 'yes' } }))
    expect(Object.fromEntries(rest?.request.headers as Headers)).toEqual({ 'x-user': '7', 'x-rest': 'yes' })
  })

  test.each<[string, Awaited<ReturnType<ResumeFunction>>, object]>([
    ['the ids, if it asks by one', { headers: { 'Last-Event-ID': 'e7' } }, position],
    ['the place and the state, if it does not', { url: '/rest' }, { place, state: 7 }],
    ['the same, if its headers are made later', { headers: () => ({}) }, { place, state: 7 }],
  ])('keeps of the position %s', async (_what, given, expected) => {
    expect((await asked(() => given))?.position).toEqual(expected)
  })

  test('goes on after all there is where there is no position', async () => {
    const { position: _none, ...plainly } = checkpoint
    expect(await asked(() => ({ url: '/rest' }), {}, plainly)).toMatchObject({ position: undefined })
  })

  test.each<[string, ResumeFunction, object]>([
    [
      'throws',
      () => {
        throw broken
      },
      { cause: broken },
    ],
    ['rejects', () => Promise.reject(broken), { cause: broken }],
    ['gives a URL that is none', () => ({ url: 'ftp://x' }), { cause: expect.any(TypeError) }],
    ['gives headers that are none', () => ({ headers: { 'a b': 'c' } }), { cause: expect.any(TypeError) }],
  ])('that %s is named, with the cause', async (_what, resume, expected) => {
    await expect(asked(resume)).rejects.toMatchObject({ code: 'callback', callback: 'resume', ...expected })
  })
})

describe('a checkpoint', () => {
  /** Of a reply that has read this much since it was asked for, or for the rest from a position. */
  function checkpointAfter(from: Position | undefined, read: readonly Delta[], ...unread: readonly Delta[]) {
    const transcript = comparing()
    const cursor = new ResumeCursor()
    cursor.begin('https://b.example/', from, from?.place)
    cursor.advance(read, 0)
    cursor.commit(undefined, undefined)
    for (const delta of [...read, ...unread]) transcript.add(delta)
    return { transcript, checkpoint: () => checkpointOf({ plan: planned().plan, transcript, cursor }) }
  }
  const sea = [text('The sea'), call(0, '{"a":1}', 'x', 'look')]
  const look = { index: 0, id: 'x', name: 'look', arguments: '{"a":1}' }

  test('is none once the answer is whole', () => {
    expect(checkpointAfter(position, sea, finish).checkpoint()).toBeUndefined()
  })

  test('ends where the stream can be gone on from', () => {
    const from = { ...position, place: { text: 4, reasoning: 0, calls: { 0: 2 } } }
    expect(checkpointAfter(from, [], ...sea).checkpoint()).toEqual({
      ...{ version: 1, url: 'https://b.example/', text: 'The ', reasoning: '' },
      ...{ toolCalls: [{ ...look, arguments: '{"' }], position: from },
    })
  })

  test('ends with the last whole read where nothing can be gone on from', () => {
    const found = checkpointAfter(undefined, sea, text(' holds'), call(1, '{}')).checkpoint()
    expect(found).toMatchObject({ text: 'The sea', toolCalls: [look] })
    expect(found?.position).toBeUndefined()
  })

  test('has all there is while another answer repeats it', () => {
    const { transcript, checkpoint } = checkpointAfter(undefined, [], ...sea)
    transcript.beginAnew()
    expect(checkpoint()).toMatchObject({ text: 'The sea', toolCalls: [look] })
  })

  test('has all there is, and no position, where the place has been taken back', () => {
    const from = { ...position, place: { text: 8, reasoning: 0 } }
    const found = checkpointAfter(from, [], ...sea).checkpoint()
    expect(found).toMatchObject({ text: 'The sea', toolCalls: [look] })
    expect(found).not.toHaveProperty('position')
  })

  test('names the first server before any was asked, without the query', () => {
    const standing = { transcript: comparing(), cursor: new ResumeCursor(), plan: planned().plan }
    expect(checkpointOf(standing)).toMatchObject({ url: 'https://a.example/chat', text: '' })
  })
})
