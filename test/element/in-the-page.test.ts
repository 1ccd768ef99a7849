// @vitest-environment happy-dom
/** What pages do with a custom element: define it late, write its attributes again, take it out and put it back, get them wrong. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AnswerElement, defineAnswer } from '../../src/element/answer-element.ts'
import { stream } from '../../src/index.ts'
import type { Stream } from '../../src/stream.ts'
import { handFetch } from '../support/hand-fetch.ts'

const { fetch, asked } = handFetch()
const options: unknown[] = []
const ask: Stream = (input, given) => {
  options.push(given)
  return stream(input, { fetch, retry: false, ...given })
}
const frame = () => vi.advanceTimersByTimeAsync(20)
const urls = () => asked.map(({ url }) => url)

defineAnswer(ask)

beforeEach(() => {
  vi.useFakeTimers()
  asked.length = options.length = 0
})
afterEach(() => {
  document.body.replaceChildren()
  vi.useRealTimers()
})

function put(attributes = 'src="https://a.test/1"', inside = '') {
  document.body.innerHTML = `<holdfast-answer ${attributes}>${inside}</holdfast-answer>`
  return heard(document.querySelector('holdfast-answer') as AnswerElement)
}

function heard(element: AnswerElement) {
  const errors: unknown[] = []
  element.addEventListener('error', (event) => void errors.push((event as unknown as CustomEvent).detail))
  return { element, errors, status: () => element.shadowRoot?.querySelector('[part=status]')?.textContent }
}

async function answered(text = 'Hello') {
  await frame()
  asked.at(-1)?.say(text)
  asked.at(-1)?.end()
  await frame()
}

describe('an attribute', () => {
  test.each([
    ['src', 'https://a.test/1'],
    ['json', '{"messages":[]}'],
  ])('that is set to what it is asks for nothing: %s', async (name, value) => {
    const { element } = put(`src="https://a.test/1" json='{"messages":[]}'`)
    await frame()
    asked[0]?.say('Hel')
    element.setAttribute(name, value)
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([false])
    expect(element.textContent).toBe('Hel')
  })

  test('that is no JSON is told, by event and status, and nothing is left unhandled', async () => {
    const { errors, status } = put(`src="https://a.test/1" json="[object Object]"`)
    await frame()
    expect(asked).toEqual([])
    expect(errors).toEqual([expect.any(TypeError)])
    expect(status()).toBe('json must be JSON; received "[object Object]"')
  })

  test('that is no address is told likewise', async () => {
    const { errors, status } = put('src="ftp://a.test"')
    await frame()
    expect(errors).toEqual([expect.any(TypeError)])
    expect(status()).toMatch(/^input must be an http\(s\) URL/)
  })

  test('that has become wrong stops what it had asked for, which tells of no end any more', async () => {
    const { element, errors, status } = put()
    await frame()
    asked[0]?.say('Hel')
    await frame()
    element.setAttribute('json', '{')
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true])
    expect(errors).toEqual([expect.any(TypeError)])
    expect([element.textContent, status()]).toEqual(['Hel', 'json must be JSON; received "{"'])
    element.removeAttribute('json')
    await answered()
    expect([element.textContent, status()]).toEqual(['Hello', 'The answer is complete.'])
  })

  test.each(['set to nothing', 'removed'])('src that is %s stops the answer', async (how) => {
    const { element, errors, status } = put()
    await frame()
    asked[0]?.say('Hel')
    await frame()
    if (how === 'removed') element.removeAttribute('src')
    else element.src = ''
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true])
    expect(errors).toMatchObject([{ code: 'aborted' }])
    expect([element.textContent, status()]).toEqual(['Hel', 'Stopped.'])
  })

  test('that is wrong is thrown to whoever asks', async () => {
    const { element } = put(`json="{"`)
    await expect(element.ask()).rejects.toThrow('json must be JSON; received "{"')
  })
})

describe('an element that is defined after the page has used it', () => {
  let names = 0
  function late() {
    const name = `late-answer-${names++}`
    const element = document.body.appendChild(document.createElement(name)) as AnswerElement
    return { element, define: () => defineAnswer(ask, name) }
  }

  test('asks with the options it was given', async () => {
    const { element, define } = late()
    element.options = { headers: { 'x-own': '1' } }
    element.setAttribute('src', 'https://a.test/1')
    define()
    await frame()
    expect(options).toEqual([{ headers: { 'x-own': '1' } }])
  })

  test('asks for the address that it was given, and for the next one', async () => {
    const { element, define } = late()
    element.src = 'https://a.test/1'
    define()
    await frame()
    expect(element.getAttribute('src')).toBe('https://a.test/1')
    element.src = 'https://a.test/2'
    await frame()
    expect(urls()).toEqual(['https://a.test/1', 'https://a.test/2'])
  })
})

test('an element that is stopped before it has asked does not ask, until it is told to', async () => {
  const { element } = put()
  element.stop()
  await frame()
  expect(asked).toEqual([])
  element.src = 'https://a.test/2'
  await frame()
  expect(urls()).toEqual(['https://a.test/2'])
})

describe('an element that is taken out and put back', () => {
  test('keeps an answer that is whole: another one would be paid for', async () => {
    const { element } = put()
    await answered()
    element.remove()
    await frame()
    document.body.append(element)
    await frame()
    expect(asked).toHaveLength(1)
    expect(element.textContent).toBe('Hello')
  })

  test.each([
    ['itself', (element: AnswerElement) => element.stop()],
    ['by its reply', (element: AnswerElement) => element.reply?.cancel()],
  ])('keeps one that was stopped, %s: nobody wants another one', async (_how, stop) => {
    const { element } = put()
    await frame()
    asked[0]?.say('Hel')
    await frame()
    stop(element)
    await frame()
    element.remove()
    await frame()
    document.body.append(element)
    await frame()
    expect([asked.length, element.textContent]).toEqual([1, 'Hel'])
    await Promise.all([element.ask(), answered()])
    expect(element.textContent).toBe('Hello')
  })

  test('asks for what it was told to meanwhile', async () => {
    const { element } = put()
    await answered()
    element.remove()
    await frame()
    element.src = 'https://a.test/2'
    await frame()
    document.body.append(element)
    await frame()
    expect(urls()).toEqual(['https://a.test/1', 'https://a.test/2'])
  })

  test('cancels what is under way, though its address changes in the same moment', async () => {
    const { element } = put()
    await frame()
    element.remove()
    element.src = 'https://a.test/2'
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true])
  })
})

describe('in a page that is still being read', () => {
  beforeEach(() => {
    vi.spyOn(document, 'readyState', 'get').mockReturnValue('loading')
  })

  test('an element waits for what it holds', async () => {
    const { element } = put()
    await frame()
    expect(asked).toEqual([])
    element.innerHTML = 'Wait …<i slot="status"></i>'
    vi.spyOn(document, 'readyState', 'get').mockReturnValue('interactive')
    document.dispatchEvent(new Event('DOMContentLoaded'))
    await answered()
    expect(asked).toHaveLength(1)
    expect(element.innerHTML).toBe('<i slot="status" role="status">The answer is complete.</i>Hello')
  })

  test('an element that something follows has all that it holds', async () => {
    document.body.innerHTML = '<main><holdfast-answer src="https://a.test/1"></holdfast-answer></main><p></p>'
    await frame()
    expect(asked).toHaveLength(1)
  })
})

test('a shadow root of the page’s own gets a status, if it has none', async () => {
  const element = document.createElement('holdfast-answer') as AnswerElement
  element.attachShadow({ mode: 'open' }).innerHTML = '<article><slot></slot></article>'
  element.src = 'https://a.test/1'
  document.body.append(element)
  await answered()
  expect(element.textContent).toBe('Hello')
  expect(element.shadowRoot?.innerHTML).toMatch(
    /^<article><slot><\/slot><\/article><slot name="status"><span part="status"/,
  )
  expect(element.shadowRoot?.querySelector('[part=status]')?.textContent).toBe('The answer is complete.')
})

describe('a body that is set as a property, as frameworks do', () => {
  const bodies = () => asked.map(({ method, messages }) => [method, messages])

  test('is asked for, once, and again when it has changed', async () => {
    const { element } = put()
    element.json = { messages: ['Hi'] }
    await frame()
    // A framework that draws again makes the same object anew.
    element.json = { messages: ['Hi'] }
    await frame()
    expect(element.json).toEqual({ messages: ['Hi'] })
    element.json = '{"messages":["Ho"]}'
    await frame()
    expect(bodies()).toEqual([
      ['POST', ['Hi']],
      ['POST', ['Ho']],
    ])
  })

  test.each([undefined, null, false, ''])('of %j is none', async (none) => {
    const { element } = put()
    element.json = none
    await frame()
    expect(bodies()).toEqual([['GET', '']])
    element.json = none
    await frame()
    expect(asked).toHaveLength(1)
  })

  test('before the element is defined is asked for then', async () => {
    document.body.innerHTML = '<late-answer src="https://a.test/1"></late-answer>'
    const element = document.querySelector('late-answer') as AnswerElement
    element.json = { messages: ['Hi'] }
    defineAnswer(ask, 'late-answer')
    await frame()
    expect(bodies()).toEqual([['POST', ['Hi']]])
  })

  test('that is no JSON is refused in words', async () => {
    const { element, errors } = put()
    element.json = () => {}
    await frame()
    expect(errors).toEqual([new TypeError('json must be JSON; received "undefined"')])
    expect(asked).toEqual([])
  })
})

test('a copy of one that is busy is so no longer than its own answer takes', async () => {
  const { element } = put()
  await frame()
  const copy = element.cloneNode(true) as AnswerElement
  expect(copy.getAttribute('aria-busy')).toBe('true')
  copy.removeAttribute('src')
  document.body.append(copy)
  expect(copy.hasAttribute('aria-busy')).toBe(false)
  expect(element.getAttribute('aria-busy')).toBe('true')
})
