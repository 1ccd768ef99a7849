// @vitest-environment happy-dom
/** One element that is given twice: to one call for two things, or to two calls for one reply. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { render } from '../../src/dom/sink.ts'
import { stream } from '../../src/index.ts'
import { handFetch } from '../support/hand-fetch.ts'

const frame = () => vi.advanceTimersByTimeAsync(20)

const output = document.createElement('div')

beforeEach(() => {
  output.replaceChildren()
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

function asking() {
  const { fetch, asked } = handFetch()
  const reply = stream('https://a.test/1', { fetch, retry: false })
  return { reply, asked }
}

describe('what cannot be shown is refused', () => {
  test('thoughts in the status, whose words would take their place: the reply is called off', async () => {
    const { reply } = asking()
    const status = document.createElement('p')
    await expect(render(reply, output, { reasoning: status, status })).rejects.toThrow(
      'status must be an element beside the answer and its reasoning; received ',
    )
    await expect(reply.answer()).rejects.toMatchObject({ code: 'aborted' })
  })

  test.each([Promise.resolve(), undefined, 'text', {}])('%o, which is no reply', async (source) => {
    await expect(render(source as never, output)).rejects.toThrow('source must be ')
    expect(output.hasAttribute('aria-busy')).toBe(false)
  })
})

describe('a reply that is shown again where it is being shown', () => {
  test('is there once: an effect may run twice', async () => {
    const { reply, asked } = asking()
    output.append('You: ')
    const first = render(reply, output)
    await frame()
    asked[0]?.say('Hel')
    await frame()
    const second = render(reply, output)
    await frame()
    expect(output.textContent).toBe('You: Hel')
    asked[0]?.say('lo')
    asked[0]?.end()
    await frame()
    await Promise.all([first, second])
    expect(output.textContent).toBe('You: Hello')
    expect(output.hasAttribute('aria-busy')).toBe(false)
  })

  test('begins anew where it was cleared', async () => {
    const { reply, asked } = asking()
    const first = render(reply, output)
    await frame()
    asked[0]?.say('Hel')
    await frame()
    output.replaceChildren()
    const second = render(reply, output)
    asked[0]?.say('lo')
    asked[0]?.end()
    await frame()
    await Promise.all([first, second])
    expect(output.textContent).toBe('Hello')
  })

  test('goes after what it has said, once that is whole', async () => {
    const { reply, asked } = asking()
    const first = render(reply, output)
    await frame()
    asked[0]?.say('Hello')
    asked[0]?.end()
    await frame()
    await first
    await render(reply, output)
    expect(output.textContent).toBe('HelloHello')
  })
})
