import { checkKind, checkNames, expect } from '../checks.ts'
import type { StatusWords } from './status.ts'
import type { Writer } from './writer.ts'

/** How an answer is shown. */
export interface RenderOptions {
  /**
   * Keeps the end in view, until the reader scrolls up; back at the end, it follows again. `true`: in the nearest
   * box around the element that scrolls, or else the page; an element: in that one.
   * @defaultValue `false`
   */
  readonly follow?: boolean | Element | undefined
  /** Told when the answer begins and how it ends, politely, in the place of what it holds; becomes `role="status"` if it has no role. */
  readonly status?: Element | undefined
  /** What `status` is told. */
  readonly words?: StatusWords | undefined
  /**
   * Shows what comes in bursts at an even pace, a fourth of a second late at most, never half an emoji; the rest at
   * once when the answer ends.
   * @defaultValue `false`
   */
  readonly smooth?: boolean | undefined
  /** Shows the model's reasoning, as plain text; without it, reasoning is not shown. */
  readonly reasoning?: Element | undefined
  /**
   * Takes the place of plain text, for an incremental Markdown renderer.
   * @example
   * ```ts
   * const upperCase = (element) => ({
   *   write: (text) => element.append(text.toUpperCase()),
   *   rewind: (text) => element.replaceChildren(text.toUpperCase()),
   * })
   * await render(reply, element, { writer: upperCase })
   * ```
   */
  readonly writer?: ((element: Element) => Writer) | undefined
}

/** @throws TypeError that names the option and what it received. */
export function checkOptions(element: Element | null, options: RenderOptions): asserts element is Element {
  expect('element', isElement(element), 'be a DOM element', element)
  checkKind('options', options, 'object')
  checkNames('', options, ['follow', 'status', 'words', 'smooth', 'reasoning', 'writer'])
  const { follow, status, words, smooth, reasoning, writer } = options
  expect('follow', isOneOf(follow, 'boolean') || isElement(follow), 'be true, false or an element', follow)
  expect('reasoning', isOneOf(reasoning) || isElement(reasoning), 'be an element', reasoning)
  // What it is told takes the place of all that is in it.
  const holds = (other: Element | null = null): boolean => status?.contains(other) === true
  const isBeside = isOneOf(status) || (isElement(status) && !holds(element) && !holds(reasoning))
  expect('status', isBeside, 'be an element beside the answer and its reasoning', status)
  checkKind('words', words, 'object')
  checkNames('words.', words ?? {}, ['start', 'done', 'stopped', 'error'])
  expect('smooth', isOneOf(smooth, 'boolean'), 'be true or false', smooth)
  checkKind('writer', writer, 'function')
}

function isOneOf(value: unknown, ...types: readonly string[]): boolean {
  return value === undefined || types.includes(typeof value)
}

// By its shape, because an element may come from another window, whose `Element` is not ours.
function isElement(value: unknown): value is Element {
  return (
    typeof (value as Element | null | undefined)?.append === 'function' && (value as Element).nodeType === 1
  )
}
