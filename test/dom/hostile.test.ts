// @vitest-environment happy-dom
/** What goes wrong around a `render()`: words that throw, sources that are none, a thoughts' box that another answer has by now. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RenderOptions } from '../../src/dom/options.ts'
import { render } from '../../src/dom/sink.ts'
import { AbortedError, NetworkError } from '../../src/errors/errors.ts'
import type { Delta, DeltaSource } from '../../src/events.ts'
import { rendering, text } from '../support/rendering.ts'

const thought = (piece: string): Delta => ({ type: 'reasoning', text: piece })
const frame = () => vi.advanceTimersByTimeAsync(16)

let output: HTMLElement
let thoughts: HTMLElement

beforeEach(() => {
  vi.useFakeTimers()
  document.body.innerHTML = '<p id="output"></p><p id="thoughts"></p>'
  output = document.querySelector('#output') as HTMLElement
  thoughts = document.querySelector('#thoughts') as HTMLElement
})
afterEach(() => {
  vi.useRealTimers()
})

const shown = (options: RenderOptions = {}, into: Element = output) => rendering(into, options)

test('words that throw are reported, and the failure is told in its own', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {})
  const broken = new Error('no such word')
  const status = document.createElement('p')
  const error = () => {
    throw broken
  }
  const { give, end } = shown({ status, words: { error }, follow: true })
  const lost = new NetworkError('body')
  await give(text('a'), lost)
  await expect(end).rejects.toBe(lost)
  expect(status.textContent).toBe(lost.message)
  expect(told).toHaveBeenCalledExactlyOnceWith(broken)
  expect(output.hasAttribute('aria-busy')).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test.each([[undefined], [null], ['a text']])('a writer may throw anything: %s', async (thrown) => {
  const status = document.createElement('p')
  const write = () => {
    throw thrown
  }
  const { give, end } = shown({ status, writer: () => ({ write, rewind: write }) })
  await give(text('a'), 'end')
  expect(await end.catch((error) => ({ error }))).toEqual({ error: thrown })
  expect(status.textContent).toBe(String(thrown))
  expect(output.hasAttribute('aria-busy')).toBe(false)
})

describe('what is no answer is refused, for nothing would be seen of it', () => {
  test.each([
    ['a text', 'Hello'],
    [
      'a stream of texts',
      (async function* () {
        yield 'Hello'
      })(),
    ],
    ['a body', new Response('Hello').body],
    ["another library's parts", [{ type: 'text-delta', text: 'Hello' }]],
  ])('%s', async (_what, source) => {
    const end = render(source as unknown as DeltaSource, output)
    end.catch(() => {})
    await frame()
    await expect(end).rejects.toThrow(/^(render\(\) takes|source must be) a reply, .*; received /)
    expect(output.hasAttribute('aria-busy')).toBe(false)
  })
})

describe('a stopped answer', () => {
  test('writes nothing into a box of thoughts that another one has by now', async () => {
    const first = shown({ reasoning: thoughts })
    await first.give(thought('old '))
    await frame()
    await first.give(thought('late'), text('late'))
    thoughts.replaceChildren()
    const second = shown({ reasoning: thoughts }, document.createElement('p'))
    await first.give(new AbortedError())
    await second.give(thought('new'))
    await frame()
    expect(thoughts.textContent).toBe('new')
    expect(output.textContent).toBe('late')
  })

  test('writes nothing into a box of thoughts that was cleared', async () => {
    const { give } = shown({ reasoning: thoughts })
    await give(thought('old '))
    await frame()
    await give(thought('late'))
    thoughts.replaceChildren('Hm …')
    await give(new AbortedError())
    expect(thoughts.textContent).toBe('Hm …')
  })

  test('ends a writer that has put nothing into its element', async () => {
    const said: string[] = []
    const writer = () => ({
      write: (piece: string) => void said.push(piece),
      rewind: () => {},
      end: () => void said.push('end'),
    })
    const { give } = shown({ writer })
    await give(text('a'))
    await frame()
    await give(text('b'), new AbortedError())
    expect(said).toEqual(['a', 'b', 'end'])
  })
})

test('text and thoughts may go into one element, which is busy until both are there', async () => {
  const { give, end } = shown({ reasoning: output })
  await give(thought('hm '), text('Hello'))
  await frame()
  expect(output.getAttribute('aria-busy')).toBe('true')
  await give('end')
  await end
  expect(output.hasAttribute('aria-busy')).toBe(false)
})
