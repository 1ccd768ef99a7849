// @vitest-environment happy-dom
/** Who scrolls, and when not: a box whose measures the test sets by hand. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { render } from '../../src/dom/sink.ts'
import type { Delta } from '../../src/events.ts'
import { handFed } from '../support/hand-fed.ts'

const FRAME_MS = 16
const text = (piece: string): Delta => ({ type: 'text', text: piece })

let box: HTMLElement
let output: HTMLElement

beforeEach(() => {
  vi.useFakeTimers()
  document.body.innerHTML = '<div id="box" style="overflow-y: auto"><p id="output"></p></div>'
  box = measured(document.querySelector('#box') as HTMLElement)
  output = document.querySelector('#output') as HTMLElement
})
afterEach(() => {
  vi.useRealTimers()
})

/** A box of 100 px with as many pixels of content as its text has characters, and 100 more. */
function measured(element: HTMLElement): HTMLElement {
  let top = 0
  const height = () => 100 + (element.textContent?.length ?? 0)
  Object.defineProperties(element, {
    clientHeight: { configurable: true, get: () => 100 },
    scrollHeight: { configurable: true, get: height },
    scrollTop: {
      configurable: true,
      get: () => Math.min(top, height() - 100),
      set: (value: number) => {
        top = value
      },
    },
    scrollTo: {
      configurable: true,
      value: vi.fn(({ top: to }: ScrollToOptions) => {
        element.scrollTop = Math.min(to ?? 0, height() - 100)
      }),
    },
  })
  return element
}

function shown(follow: boolean | Element = true) {
  const { deltas, give } = handFed()
  const end = render(deltas, output, { follow })
  end.catch(() => {})
  return {
    end,
    give,
    async grow(pixels: number) {
      await give(text('x'.repeat(pixels)))
      await vi.advanceTimersByTimeAsync(FRAME_MS)
    },
  }
}

/** The reader scrolls, before the browser has told of our own scrolling, to this many pixels above the end. */
function readerGoesTo(below: number): void {
  box.scrollTop = box.scrollHeight - 100 - below
  box.dispatchEvent(new Event('scroll'))
}

const below = () => box.scrollHeight - 100 - box.scrollTop

describe('the end of a box', () => {
  test('stays in view, with one scroll a frame', async () => {
    const { grow, give } = shown()
    await grow(500)
    expect(below()).toBe(0)
    await give(text('x'), text('x'), text('x'))
    await grow(100)
    expect(below()).toBe(0)
    expect(box.scrollTo).toHaveBeenCalledTimes(2)
    expect(box.scrollTo).toHaveBeenCalledWith({ top: 703, behavior: 'instant' })
  })

  test('is left alone unless somebody asks for it', async () => {
    const { grow } = shown(false)
    await grow(500)
    expect(box.scrollTo).not.toHaveBeenCalled()
  })

  test.each([3, 30, 300])('is left alone once the reader has scrolled up by %i px', async (pixels) => {
    const { grow } = shown()
    await grow(500)
    readerGoesTo(pixels)
    await grow(100)
    expect(below()).toBe(100 + pixels)
  })

  test('is left alone for a reader who has scrolled up before the first token', async () => {
    output.textContent = 'x'.repeat(900)
    readerGoesTo(0)
    const { grow } = shown()
    readerGoesTo(400)
    await grow(100)
    expect(below()).toBe(500)
  })

  test('is followed again by a reader who comes back to within 40 px of it', async () => {
    const { grow } = shown()
    await grow(500)
    readerGoesTo(300)
    readerGoesTo(100)
    await grow(100)
    expect(below()).toBe(200)
    readerGoesTo(39)
    await grow(100)
    expect(below()).toBe(0)
  })

  test('is followed still after text was taken back', async () => {
    const { grow, give } = shown()
    await grow(500)
    await give({ type: 'rewind', text: 50, reasoning: 0 })
    box.dispatchEvent(new Event('scroll'))
    await grow(300)
    expect(below()).toBe(0)
  })

  test('is shown with the last text, and then nobody listens any more', async () => {
    const removed = vi.spyOn(box, 'removeEventListener')
    const added = vi.spyOn(box, 'addEventListener')
    const { grow, give, end } = shown()
    await grow(500)
    await give(text('x'.repeat(70)), 'end')
    await end
    expect(below()).toBe(0)
    expect(added.mock.calls.map(([name, listener]) => [name, listener])).toEqual(removed.mock.calls)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a reader', () => {
  test('who presses in the box is not scrolled away from until they let go', async () => {
    const { grow } = shown()
    await grow(500)
    const press = vi.spyOn(box, 'matches').mockReturnValue(true)
    await grow(100)
    expect(below()).toBe(100)
    expect(press).toHaveBeenCalledWith(':active')
    press.mockReturnValue(false)
    await grow(100)
    expect(below()).toBe(0)
  })

  test.each([
    [101, 'is left there', 201],
    [100, 'is taken along: a question and an empty answer have been added', 0],
  ])('who is %i px up when the answer begins %s', async (up, _what, expected) => {
    output.textContent = 'x'.repeat(900)
    readerGoesTo(up)
    const { grow } = shown()
    await grow(100)
    expect(below()).toBe(expected)
  })
})

describe('who scrolls', () => {
  test('is found through slots and out of shadow roots', async () => {
    const host = output.appendChild(document.createElement('div'))
    const root = host.attachShadow({ mode: 'open' })
    root.innerHTML = '<section><slot></slot></section>'
    const slotted = host.appendChild(document.createElement('p'))
    const { deltas, give } = handFed()
    render(deltas, slotted, { follow: true }).catch(() => {})
    await give(text('x'))
    await vi.advanceTimersByTimeAsync(FRAME_MS)
    expect(box.scrollTo).toHaveBeenCalledOnce()
  })

  test.each([
    ['the body where it scrolls itself', 'hidden', 1, 0],
    ['the page where the body speaks for it', '', 0, 1],
  ])('is %s', async (_who, overflowOfPage, ofBody, ofPage) => {
    const page = measured(document.documentElement)
    vi.spyOn(document, 'scrollingElement', 'get').mockReturnValue(page)
    box.style.overflowY = 'visible'
    document.body.style.overflowY = 'auto'
    page.style.overflowY = overflowOfPage
    measured(document.body)
    await shown().grow(10)
    expect(document.body.scrollTo).toHaveBeenCalledTimes(ofBody)
    expect(page.scrollTo).toHaveBeenCalledTimes(ofPage)
    document.body.style.overflowY = page.style.overflowY = ''
  })

  test('is the element itself if it can', async () => {
    output.style.overflowY = 'scroll'
    measured(output)
    await shown().grow(10)
    expect(output.scrollTo).toHaveBeenCalledOnce()
    expect(box.scrollTo).not.toHaveBeenCalled()
  })

  test('is the element that was given', async () => {
    output.style.overflowY = 'scroll'
    measured(output)
    await shown(box).grow(10)
    expect(box.scrollTo).toHaveBeenCalledOnce()
    expect(output.scrollTo).not.toHaveBeenCalled()
  })

  test('is the page where no box does, and the page tells it to its document', async () => {
    box.style.overflowY = 'visible'
    const page = measured(document.documentElement)
    vi.spyOn(document, 'scrollingElement', 'get').mockReturnValue(page)
    const added = vi.spyOn(document, 'addEventListener')
    const { grow, give, end } = shown()
    await grow(10)
    expect(page.scrollTo).toHaveBeenCalledOnce()
    expect(added).toHaveBeenCalledWith('scroll', expect.any(Function))
    await give('end')
    await end
  })

  test('is looked for when the element comes into the page', async () => {
    output.remove()
    const { grow } = shown()
    await grow(10)
    box.append(output)
    await grow(10)
    expect(box.scrollTo).toHaveBeenCalledOnce()
  })
})
