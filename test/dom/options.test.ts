// @vitest-environment happy-dom
/** What else a page may ask of `render()`: a status, a pace, the reasoning, another writer. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RenderOptions } from '../../src/dom/options.ts'
import { render } from '../../src/dom/sink.ts'
import { AbortedError, NetworkError } from '../../src/errors/errors.ts'
import { rendering, text } from '../support/rendering.ts'

const frame = () => vi.advanceTimersByTimeAsync(16)

let output: HTMLElement
let other: HTMLElement

beforeEach(() => {
  vi.useFakeTimers()
  document.body.innerHTML = '<p id="output"></p><p id="other"></p>'
  output = document.querySelector('#output') as HTMLElement
  other = document.querySelector('#other') as HTMLElement
})
afterEach(() => {
  vi.useRealTimers()
})

const shown = (options: RenderOptions = {}) => rendering(output, options)

describe('an element', () => {
  test.each(['end' as const, new NetworkError('body')])(
    'is busy until %s, and no live region',
    async (last) => {
      const { give, end } = shown()
      expect(output.getAttribute('aria-busy')).toBe('true')
      await give(text('a'))
      await frame()
      expect(output.getAttribute('aria-busy')).toBe('true')
      await give(last)
      await end.catch(() => {})
      expect(output.getAttributeNames()).toEqual(['id'])
    },
  )
})

describe('a status', () => {
  const ends = [
    ['end' as const, 'The answer is complete.', 'fertig'],
    [new AbortedError(), 'Stopped.', 'angehalten'],
    [new NetworkError('body'), 'The connection broke while the answer was arriving', 'Fehler'],
  ] as const

  test.each(ends)('is told the beginning and the end: %s', async (last, words) => {
    const { give, end } = shown({ status: other })
    expect(other.getAttribute('role')).toBe('status')
    expect(other.textContent).toBe('Writing the answer…')
    await give(text('a'), last)
    await end.catch(() => {})
    expect(other.textContent).toBe(words)
  })

  test.each(ends)('is told it in your words: %s', async (last, _words, yours) => {
    const words = { start: 'schreibt', done: 'fertig', stopped: 'angehalten', error: 'Fehler' }
    const { give, end } = shown({ status: other, words })
    expect(other.textContent).toBe('schreibt')
    await give(text('a'), last)
    await end.catch(() => {})
    expect(other.textContent).toBe(yours)
  })

  test('may make its words of the error, and keeps the role it has', async () => {
    other.setAttribute('role', 'log')
    const { give, end } = shown({ status: other, words: { error: ({ code }) => `failed: ${code}` } })
    await give(new NetworkError('body'))
    await end.catch(() => {})
    expect(other.textContent).toBe('failed: network')
    expect(other.getAttribute('role')).toBe('log')
  })
})

test('of two answers in one element the newer one is told of', async () => {
  const first = shown({ status: other, words: { stopped: 'gone' } })
  const second = shown({ status: other })
  await first.give(new AbortedError())
  await first.end.catch(() => {})
  expect(other.textContent).toBe('Writing the answer…')
  expect(output.getAttribute('aria-busy')).toBe('true')
  await second.give('end')
  await second.end
  expect(other.textContent).toBe('The answer is complete.')
  expect(output.hasAttribute('aria-busy')).toBe(false)
})

describe('reasoning', () => {
  test('goes to its own element, as text, and can be taken back', async () => {
    const { give, end } = shown({ reasoning: other })
    await give({ type: 'reasoning', text: '<b>hm' }, text('a'), { type: 'reasoning', text: 'm</b>' })
    await frame()
    expect([output.textContent, other.textContent]).toEqual(['a', '<b>hmm</b>'])
    await give({ type: 'rewind', text: 1, reasoning: 3 }, { type: 'reasoning', text: 'X' }, 'end')
    await end
    expect([output.textContent, other.textContent]).toEqual(['a', '<b>X'])
  })
})

describe('a smooth answer', () => {
  test('comes in steps, and whole at the end', async () => {
    const { give, end } = shown({ smooth: true })
    await vi.advanceTimersByTimeAsync(5_000)
    await give(text('x'.repeat(100)))
    await frame()
    const first = output.textContent?.length ?? 0
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(20)
    for (let frames = 1; frames < 10; frames++) await frame()
    expect(output.textContent?.length).toBeGreaterThan(40)
    expect(output.textContent?.length).toBeLessThan(60)
    await give('end')
    await end
    expect(output.textContent).toBe('x'.repeat(100))
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each(['text', 'reasoning'] as const)(
    'is all there soon after the last token, and then no timer runs: %s',
    async (type) => {
      const { give } = shown({ smooth: true, reasoning: other })
      await give({ type, text: 'x'.repeat(100) })
      await vi.advanceTimersByTimeAsync(2_000)
      expect(document.body.textContent).toBe('x'.repeat(100))
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('is taken back to the very character, shown or not', async () => {
    const { give, end } = shown({ smooth: true })
    await give(text('x'.repeat(100)))
    await frame()
    await give({ type: 'rewind', text: 50, reasoning: 0 }, text('y'), 'end')
    await end
    expect(output.textContent).toBe(`${'x'.repeat(50)}y`)
  })
})

describe('a writer', () => {
  function recorded() {
    const calls: string[] = []
    const writer = (element: Element) => {
      calls.push(`open ${element.id}`)
      return {
        write: (piece: string) => void calls.push(`write ${piece}`),
        rewind: (piece: string) => void calls.push(`rewind ${piece}`),
        end: () => void calls.push('end'),
      }
    }
    return { calls, writer }
  }

  test('takes the place of plain text', async () => {
    const { calls, writer } = recorded()
    const { give, end } = shown({ writer })
    await give(text('a'), text('b'))
    await frame()
    await give({ type: 'rewind', text: 1, reasoning: 0 }, text('c'), 'end')
    await end
    expect(calls).toEqual(['open output', 'write ab', 'rewind a', 'write c', 'end'])
    expect(output.textContent).toBe('')
  })

  test('is told the end of a failed answer, too', async () => {
    const { calls, writer } = recorded()
    const { give, end } = shown({ writer })
    await give(text('a'), new NetworkError('body'))
    await expect(end).rejects.toThrow(NetworkError)
    expect(calls).toEqual(['open output', 'write a', 'end'])
  })

  test.each([
    ['in a frame, at the next delta', true, text('b')],
    ['in a frame, at the end', true, 'end' as const],
    ['at the end', false, 'end' as const],
  ])('that throws %s ends the answer with what it threw', async (_when, isInFrame, next) => {
    const broken = new Error('broken')
    const write = vi.fn().mockImplementationOnce(() => {
      throw broken
    })
    const { give, end } = shown({ writer: () => ({ write, rewind() {} }) })
    await give(text('a'))
    if (isInFrame) await frame()
    await give(next)
    await expect(end).rejects.toBe(broken)
    expect(output.hasAttribute('aria-busy')).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('does not hide the error of the answer behind its own', async () => {
    const writer = () => ({
      write() {
        throw new Error('broken')
      },
      rewind() {},
    })
    const lost = new NetworkError('body')
    const { give, end } = shown({ writer })
    await give(text('a'), lost)
    await expect(end).rejects.toBe(lost)
  })
})

describe('a bad option is refused by name and value', () => {
  test.each([
    [{ follow: null }, 'follow must be true, false or an element; received null'],
    [{ follow: 'end' }, 'follow must be true, false or an element; received "end"'],
    [
      { status: '#status' },
      'status must be an element beside the answer and its reasoning; received "#status"',
    ],
    [{ reasoning: null }, 'reasoning must be an element; received null'],
    [{ smooth: 5 }, 'smooth must be true or false; received 5'],
    [{ writer: {} }, 'writer must be a function; received an object (Object)'],
    [{ words: 'hi' }, 'words must be an object; received "hi"'],
    [{ words: { strat: 'hi' } }, 'words.strat is not an option; known are words.start'],
    [{ folow: true }, 'folow is not an option; known are follow'],
  ])('%o', async (options, message) => {
    const source = { acceptRewind: vi.fn(), [Symbol.asyncIterator]: vi.fn() }
    await expect(render(source, output, options as RenderOptions)).rejects.toThrow(message)
    expect(source.acceptRewind).not.toHaveBeenCalled()
    expect(output.hasAttribute('aria-busy')).toBe(false)
  })
})

test('a status that holds the answer is refused: its words would take the place of it', async () => {
  for (const status of [output, document.body]) {
    const { give, end } = shown({ status })
    void give('end')
    await expect(end).rejects.toThrow(
      'status must be an element beside the answer and its reasoning; received an object (HTML',
    )
    expect(output.isConnected).toBe(true)
  }
})
