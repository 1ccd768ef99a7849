// @vitest-environment happy-dom
/** The custom element: attributes, events, its status, and a life in and out of the page. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AnswerElement, defineAnswer } from '../../src/element/answer-element.ts'
import { stream } from '../../src/index.ts'
import { handFetch } from '../support/hand-fetch.ts'

const { fetch, asked } = handFetch()
const moment = () => vi.advanceTimersByTimeAsync(0)
const frame = () => vi.advanceTimersByTimeAsync(20)

defineAnswer((input, options) => stream(input, { fetch, retry: false, ...options }))

beforeEach(() => {
  vi.useFakeTimers()
  asked.length = 0
  document.body.replaceChildren()
})
afterEach(() => {
  document.body.replaceChildren()
  vi.useRealTimers()
})

function put(html: string) {
  document.body.innerHTML = html
  const element = document.querySelector('holdfast-answer') as AnswerElement
  const events: string[] = []
  element.addEventListener('done', (event) => void events.push(`done ${(event as CustomEvent).detail.text}`))
  element.addEventListener(
    'error',
    (event) => void events.push(`error ${(event as unknown as CustomEvent).detail.code}`),
  )
  return { element, events, status: () => element.shadowRoot?.querySelector('[part=status]') }
}

describe('an answer', () => {
  test('is asked for by its address, and becomes the text of the element', async () => {
    const { element, events, status } = put(
      '<holdfast-answer src="https://a.test/1">Wait …</holdfast-answer>',
    )
    await moment()
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET https://a.test/1'])
    expect(status()).toMatchObject({ role: 'status', textContent: 'Writing the answer…' })
    asked[0]?.say('Hel')
    await frame()
    expect(element.textContent).toBe('Hel')
    asked[0]?.say('lo')
    asked[0]?.end()
    await frame()
    expect(element.textContent).toBe('Hello')
    expect(events).toEqual(['done Hello'])
    expect(status()?.textContent).toBe('The answer is complete.')
  })

  test('is posted with a body', async () => {
    put(`<holdfast-answer src="https://a.test/1" json='{"messages":["Hi"]}'></holdfast-answer>`)
    await moment()
    expect(asked).toMatchObject([{ method: 'POST', messages: ['Hi'] }])
  })

  test('is asked for once, though several attributes are set, and once more for another address', async () => {
    const { element } = put('<holdfast-answer></holdfast-answer>')
    await moment()
    expect(asked).toEqual([])
    element.src = 'https://a.test/1'
    element.setAttribute('json', '{"messages":[]}')
    await moment()
    expect(asked).toHaveLength(1)
    asked[0]?.say('old')
    await frame()
    element.src = 'https://a.test/2'
    await moment()
    expect(asked.map(({ url, isAborted }) => `${url} ${isAborted}`)).toEqual([
      'https://a.test/1 true',
      'https://a.test/2 false',
    ])
    asked[1]?.say('new')
    await frame()
    expect(element.textContent).toBe('new')
  })

  test.each(['in the page', 'outside of it'])(
    'that is asked for by hand just after its address, %s, is awaited',
    async (where) => {
      const { element, events } = put('<holdfast-answer></holdfast-answer>')
      if (where === 'outside of it') element.remove()
      await moment()
      element.src = 'https://a.test/1'
      const ended = element.ask().then(() => element.textContent)
      await moment()
      asked[0]?.say('Hello')
      asked[0]?.end()
      await frame()
      expect(await ended).toBe('Hello')
      expect(events).toEqual(['done Hello'])
      expect(asked).toHaveLength(1)
    },
  )

  test('that fails says why, by event and status', async () => {
    const { element, events, status } = put('<holdfast-answer src="https://a.test/1"></holdfast-answer>')
    await moment()
    asked[0]?.say('Hel')
    await frame()
    asked[0]?.reset()
    await frame()
    expect(events).toEqual(['error network'])
    expect(element.textContent).toBe('Hel')
    expect(status()?.textContent).toMatch(/connection broke/)
  })

  test('is stopped, with what had arrived', async () => {
    const { element, events, status } = put('<holdfast-answer src="https://a.test/1"></holdfast-answer>')
    await moment()
    asked[0]?.say('Hel')
    await frame()
    element.stop()
    await frame()
    expect(events).toEqual(['error aborted'])
    expect([element.textContent, status()?.textContent]).toEqual(['Hel', 'Stopped.'])
  })

  test('tells its status to a child of its own, if there is one, which stays', async () => {
    const { element } = put(
      '<holdfast-answer src="https://a.test/1">Wait …<i slot="status"></i></holdfast-answer>',
    )
    await moment()
    expect(element.querySelector('i')?.textContent).toBe('Writing the answer…')
    expect(element.textContent).toBe('Writing the answer…')
  })
})

describe('an element', () => {
  test('that is moved goes on, and one that is taken out cancels', async () => {
    const { element, events } = put('<holdfast-answer src="https://a.test/1"></holdfast-answer>')
    await moment()
    document.body.append(document.createElement('main'))
    document.querySelector('main')?.append(element)
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([false])
    element.remove()
    await frame()
    expect(asked.map(({ isAborted }) => isAborted)).toEqual([true])
    document.body.append(element)
    await frame()
    expect(asked).toHaveLength(2)
    expect(events).toEqual([])
  })

  test('is defined once by a name', () => {
    const before = customElements.get('holdfast-answer')
    defineAnswer(stream)
    expect(customElements.get('holdfast-answer')).toBe(before)
    defineAnswer(stream, 'other-answer')
    expect(customElements.get('other-answer')).toBeDefined()
  })
})
