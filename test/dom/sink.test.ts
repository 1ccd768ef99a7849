// @vitest-environment happy-dom
/** Deltas to one Text node, once a frame, in a page of fake time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RenderOptions } from '../../src/dom/options.ts'
import { render } from '../../src/dom/sink.ts'
import type { Delta } from '../../src/events.ts'
import { handFed } from '../support/hand-fed.ts'

const FRAME_MS = 16
const text = (piece: string): Delta => ({ type: 'text', text: piece })

let output: HTMLElement

beforeEach(() => {
  vi.useFakeTimers()
  output = document.createElement('div')
  document.body.replaceChildren(output)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** An element with an answer on its way into it. */
function shown(options: RenderOptions = {}) {
  const { deltas, give } = handFed()
  const end = render(deltas, output, options)
  end.catch(() => {})
  const writes = vi.spyOn(CharacterData.prototype, 'appendData')
  return { give, end, writes }
}

const frame = () => vi.advanceTimersByTimeAsync(FRAME_MS)

describe('text', () => {
  test('is written into one Text node, and once a frame', async () => {
    const { give, writes } = shown()
    const [node] = output.childNodes
    await give(text('The '), text('sea '))
    await give(text('holds'))
    expect(output.textContent).toBe('')
    await frame()
    expect(output.textContent).toBe('The sea holds')
    expect(writes.mock.calls).toEqual([['The sea holds']])
    await give(text(' fast'))
    await frame()
    expect(writes.mock.calls).toEqual([['The sea holds'], [' fast']])
    expect([...output.childNodes]).toEqual([node])
    expect(node?.nodeType).toBe(Node.TEXT_NODE)
  })

  test('is not written where nothing is new', async () => {
    const { give, writes } = shown()
    await give(text('a'))
    await frame()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(writes).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is all that is written', async () => {
    const { give, end } = shown()
    await give(
      { type: 'reasoning', text: 'why' },
      { type: 'tool-call', index: 0, id: 'a', name: 'f', arguments: '{}' },
      text('a'),
      { type: 'usage', usage: { raw: {} } },
      { type: 'finish', reason: 'stop', raw: 'stop' },
      'end',
    )
    await end
    expect(output.textContent).toBe('a')
  })

  test.each([
    '<img src=x onerror=alert(1)>',
    '</div><script>alert(1)</script>',
    '&lt;b&gt; &amp; <b>',
    'javascript:alert(1)\u202e\u0000',
  ])('stays text: %s', async (piece) => {
    const { give, end } = shown()
    await give(text(piece.slice(0, 3)), text(piece.slice(3)), 'end')
    await end
    expect(output.textContent).toBe(piece)
    expect(output.children).toHaveLength(0)
    expect(document.body.children).toHaveLength(1)
  })

  test('goes after what the element holds, which stays as it is', async () => {
    output.innerHTML = '<b>You:</b> hi'
    const before = [...output.childNodes]
    const { give, end } = shown()
    await give(text('abc'), { type: 'rewind', text: 0, reasoning: 0 }, text('X'), 'end')
    await end
    expect(output.innerHTML).toBe('<b>You:</b> hiX')
    expect([...output.childNodes].slice(0, 2)).toEqual(before)
  })
})

describe('where no frame comes', () => {
  test.each([
    ['a tab that has just been hidden, which stops frames', () => 1],
    ['a page without frames', undefined],
  ])('text is written 250 ms later: %s', async (_where, requestAnimationFrame) => {
    vi.stubGlobal('requestAnimationFrame', requestAnimationFrame)
    const { give, writes } = shown()
    await give(text('a'))
    await vi.advanceTimersByTimeAsync(200)
    await give(text('b'))
    await vi.advanceTimersByTimeAsync(49)
    expect(output.textContent).toBe('')
    await vi.advanceTimersByTimeAsync(1)
    expect(output.textContent).toBe('ab')
    expect(writes).toHaveBeenCalledTimes(1)
  })
})

describe('a hidden tab', () => {
  const hide = (isHidden: boolean) =>
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(isHidden ? 'hidden' : 'visible')

  test('has text at once, what waited for a frame included', async () => {
    const { give } = shown()
    await give(text('a'))
    hide(true)
    await give(text('b'))
    expect(output.textContent).toBe('ab')
    expect(vi.getTimerCount()).toBe(0)
    hide(false)
    await give(text('c'))
    expect(output.textContent).toBe('ab')
    await vi.advanceTimersByTimeAsync(250)
    expect(output.textContent).toBe('abc')
  })

  test('has a smooth text no later than ever, and is not kept busy by it', async () => {
    hide(true)
    const { give, writes } = shown({ smooth: true })
    await give(text('abc'))
    expect(output.textContent).toBe('')
    await vi.advanceTimersByTimeAsync(500)
    expect(output.textContent).toBe('abc')
    expect(writes.mock.calls.length).toBeLessThan(5)
  })
})

describe('the end', () => {
  test('brings what waits for a frame, at once, and leaves no frame and no timer', async () => {
    const { give, end, writes } = shown()
    await give(text('a'), text('b'), 'end')
    await end
    expect(output.textContent).toBe('ab')
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(writes).toHaveBeenCalledTimes(1)
  })

  test.each(['NetworkError', 'AbortError'])('by an %s, too, which render() then throws', async (name) => {
    const error = Object.assign(new Error('x'), { name })
    const { give, end } = shown()
    await give(text('a'), error)
    await expect(end).rejects.toBe(error)
    expect(output.textContent).toBe('a')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of an answer without text leaves an empty node', async () => {
    const { give, end, writes } = shown()
    await give('end')
    await end
    expect(output.textContent).toBe('')
    expect(writes).not.toHaveBeenCalled()
  })
})

describe('a rewind', () => {
  test.each([
    ['text that was written', 2, true, 'ab'],
    ['text that waits for a frame', 2, false, 'ab'],
    ['all of it', 0, true, ''],
    ['nothing', 4, false, 'abcd'],
  ])('takes back %s', async (_what, keep, isWritten, expected) => {
    const { give } = shown()
    await give(text('ab'), text('cd'))
    if (isWritten) await frame()
    await give({ type: 'rewind', text: keep, reasoning: 0 })
    expect(output.textContent).toBe(expected)
    await give(text('X'))
    await frame()
    expect(output.textContent).toBe(`${expected}X`)
  })
})

describe('a source', () => {
  test('hears before it is read that text can be taken back', async () => {
    const calls: string[] = []
    const source = {
      acceptRewind: () => calls.push('acceptRewind'),
      async *[Symbol.asyncIterator](): AsyncGenerator<Delta> {
        calls.push('read')
        yield text('a')
      },
    }
    await render(source, output)
    expect(calls).toEqual(['acceptRewind', 'read'])
    expect(output.textContent).toBe('a')
  })

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['#output', '"#output"'],
    [{}, 'an object (Object)'],
  ])('is left alone when the element is %o', async (element, received) => {
    const source = { acceptRewind: vi.fn(), [Symbol.asyncIterator]: vi.fn() }
    await expect(render(source, element as Element | null)).rejects.toThrow(
      new TypeError(`element must be a DOM element; received ${received}`),
    )
    expect(source.acceptRewind).not.toHaveBeenCalled()
    expect(source[Symbol.asyncIterator]).not.toHaveBeenCalled()
  })
})
