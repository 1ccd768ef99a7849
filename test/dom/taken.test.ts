// @vitest-environment happy-dom
/** A page that others write into, too: translators, highlighters, form fields, and the next answer. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { render } from '../../src/dom/sink.ts'
import type { Writer } from '../../src/dom/writer.ts'
import { AbortedError, NetworkError } from '../../src/errors/errors.ts'
import type { Delta } from '../../src/events.ts'
import { handFed } from '../support/hand-fed.ts'

const text = (piece: string): Delta => ({ type: 'text', text: piece })
const rewind = (length: number): Delta => ({ type: 'rewind', text: length, reasoning: 0 })
const frame = () => vi.advanceTimersByTimeAsync(16)

let output: HTMLElement

beforeEach(() => {
  vi.useFakeTimers()
  document.body.innerHTML = '<p id="output"><b>You:</b> hi </p>'
  output = document.querySelector('#output') as HTMLElement
})
afterEach(() => {
  vi.useRealTimers()
})

function shown(into: Element = output, writer?: (element: Element) => Writer) {
  const { deltas, give } = handFed()
  const cancel = vi.fn()
  const end = render(Object.assign(deltas, { cancel }), into, { writer })
  end.catch(() => {})
  return {
    end,
    give,
    cancel,
    async write(...pieces: readonly string[]) {
      await give(...pieces.map(text))
      await frame()
    },
  }
}

/** What the browser's translator does to each text, and what a highlighter does. */
const hands: Readonly<Record<string, (node: Text) => void>> = {
  'a translator': (node) => {
    const own = document.createElement('font')
    own.textContent = node.data.toUpperCase()
    node.replaceWith(own)
  },
  'a highlighter that splits': (node) => {
    const rest = node.splitText(1)
    const mark = document.createElement('mark')
    rest.replaceWith(mark)
    mark.append(rest)
  },
  'a highlighter that wraps': (node) => {
    const mark = document.createElement('mark')
    node.replaceWith(mark)
    mark.append(node)
  },
  'a page that tidies up': () => output.normalize(),
}
const lastText = () => {
  const nodes = document.createTreeWalker(output, NodeFilter.SHOW_TEXT)
  let last: Node | null = null
  while (nodes.nextNode()) last = nodes.currentNode
  return last as Text
}

describe.each(Object.keys(hands))('after %s', (name) => {
  const touch = () => hands[name]?.(lastText())
  const said = () => output.textContent?.toLowerCase()

  test('the rest goes after what is there, in order and once', async () => {
    const { write } = shown()
    for (const piece of ['one ', 'two ', 'three ', 'four']) {
      await write(piece)
      touch()
    }
    expect(said()).toBe('you: hi one two three four')
    expect(output.querySelector('b')?.textContent).toBe('You:')
  })

  test('it stays before what the page has put behind it', async () => {
    const { write } = shown()
    await write('one ')
    output.append(document.createElement('hr'))
    await write('two ')
    touch()
    await write('three')
    expect(said()).toBe('you: hi one two three')
    expect(output.lastElementChild?.tagName).toBe('HR')
  })

  test.each([
    [0, 'you: hi x'],
    [2, 'you: hi onx'],
    [6, 'you: hi one twx'],
  ])('a rewind to %i takes back what it should, whoever holds it', async (length, expected) => {
    const { write, give } = shown()
    await write('one ')
    touch()
    await write('two')
    touch()
    await give(rewind(length))
    await write('X')
    expect(said()).toBe(expected)
  })
})

describe('a rewind', () => {
  test('leaves the nodes in which text stays, and their selection', async () => {
    const { write, give } = shown()
    await write('The cat sat')
    const node = output.lastChild as Text
    const range = document.createRange()
    range.setStart(node, 4)
    range.setEnd(node, 7)
    await give(text(' on the mat'), rewind(8), text('ran'))
    await frame()
    expect(output.lastChild).toBe(node)
    expect(node.data).toBe('The cat ran')
    expect(range.toString()).toBe('cat')
  })

  test('into what waits for a frame leaves what is shown alone', async () => {
    const { write, give } = shown()
    await write('abc')
    const cut = vi.spyOn(CharacterData.prototype, 'deleteData')
    const node = output.lastChild
    await give(text('def'), rewind(4))
    expect(output.lastChild).toBe(node)
    expect(output.textContent).toBe('You: hi abcd')
    expect(cut).not.toHaveBeenCalled()
  })
})

describe('half a character', () => {
  test('is not shown until its other half has come, nor when that never comes', async () => {
    const { write, give, end } = shown()
    await write('a\ud83d')
    expect(output.textContent).toBe('You: hi a')
    expect(vi.getTimerCount()).toBe(0)
    await write('\ude00b\ud83d')
    expect(output.textContent).toBe('You: hi a😀b')
    await give(new NetworkError('body'))
    await end.catch(() => {})
    expect(output.textContent).toBe('You: hi a😀b')
  })

  test('is not left by a rewind, and may get another other half', async () => {
    const { write, give } = shown()
    await write('a😀')
    await give(rewind(2))
    expect(output.textContent).toBe('You: hi a')
    await write('\ude01!')
    expect(output.textContent).toBe('You: hi a😁!')
  })
})

describe.each(['textarea', 'input'])('a form field: %s', (tag) => {
  let field: HTMLTextAreaElement
  beforeEach(() => {
    field = document.createElement(tag) as HTMLTextAreaElement
    document.body.replaceChildren(field)
    field.value = 'Draft: '
  })

  test('shows the text after what it says, and takes back what was taken back', async () => {
    const { write, give, end } = shown(field)
    await write('one ', 'two')
    expect(field.value).toBe('Draft: one two')
    await give(rewind(4), text('too'), 'end')
    await end
    expect(field.value).toBe('Draft: one too')
  })

  test('keeps what is selected in it', async () => {
    const { write } = shown(field)
    await write('one two')
    field.setSelectionRange(7, 10)
    await write(' three')
    expect([field.selectionStart, field.selectionEnd]).toEqual([7, 10])
  })

  test('shows what came with the stop', async () => {
    const { give, end } = shown(field)
    await give(text('one'), new AbortedError())
    await end.catch(() => {})
    expect(field.value).toBe('Draft: one')
  })
})

describe('a stopped answer', () => {
  /** As most incremental Markdown renderers do it. */
  const appending = (element: Element): Writer => ({
    write: (piece) => element.append(Object.assign(document.createElement('i'), { textContent: piece })),
    rewind: (piece) => element.replaceChildren(piece),
    end: () => element.append('.'),
  })
  const writers = [
    ['plain text', undefined],
    ['a writer that appends', appending],
  ] as const

  test.each(writers)('writes nothing into the next one: %s', async (_what, writer) => {
    const first = shown(output, writer)
    await first.write('old ')
    await first.give(text('late'))
    output.replaceChildren()
    const second = shown(output, writer)
    await first.give(new AbortedError())
    await second.write('new')
    expect(output.textContent).toBe('new')
  })

  test.each(writers)(
    'writes nothing into an element that was cleared for the next one: %s',
    async (_, writer) => {
      const first = shown(output, writer)
      await first.write('old ')
      await first.give(text('late'))
      output.replaceChildren('Thinking …')
      await first.give(new AbortedError())
      expect(output.textContent).toBe('Thinking …')
    },
  )

  test.each(writers)('writes what came before the stop, where it stands: %s', async (_, writer) => {
    const { write, give, end } = shown(output, writer)
    await write('one ')
    await give(text('two'), new AbortedError())
    await end.catch(() => {})
    expect(output.textContent).toMatch(/one two\.?$/)
  })
})

describe('an answer that cannot be shown is called off', () => {
  const broken = new Error('broken')
  const fail = () => {
    throw broken
  }

  test('without an element', async () => {
    const source = { cancel: vi.fn(), [Symbol.asyncIterator]: vi.fn() }
    await expect(render(source, null)).rejects.toThrow(TypeError)
    expect(source.cancel).toHaveBeenCalledWith(expect.any(TypeError))
  })

  test('when no writer can be made', async () => {
    const { cancel, end } = shown(output, fail)
    await expect(end).rejects.toBe(broken)
    expect(cancel).toHaveBeenCalledWith(broken)
    expect(output.hasAttribute('aria-busy')).toBe(false)
  })

  test.each(['write', 'rewind'] as const)('when a writer fails, at once: %s', async (method) => {
    const whole = { write() {}, rewind() {}, end: vi.fn() }
    const { cancel, give, end, write } = shown(output, () => ({ ...whole, [method]: fail }))
    await write('a')
    if (method === 'rewind') await give(rewind(0))
    expect(cancel).toHaveBeenCalledWith(broken)
    // As a reply does, which has been called off.
    await give(new AbortedError(broken))
    await expect(end).rejects.toBe(broken)
    expect(whole.end).not.toHaveBeenCalled()
    expect(output.hasAttribute('aria-busy')).toBe(false)
  })

  test('when a writer fails at the end, which it is told once', async () => {
    const failing = vi.fn(fail)
    const { give, end } = shown(output, () => ({ write() {}, rewind() {}, end: failing }))
    await give('end')
    await expect(end).rejects.toBe(broken)
    expect(failing).toHaveBeenCalledOnce()
  })
})
