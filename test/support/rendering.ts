/** A `render()` whose deltas are given by hand. */
import type { RenderOptions } from '../../src/dom/options.ts'
import { render } from '../../src/dom/sink.ts'
import type { Delta } from '../../src/events.ts'
import { handFed } from './hand-fed.ts'

type Given = ReturnType<typeof handFed>['give']

/** Renders into an element; a failure is looked at by whoever wants to. */
export function rendering(
  element: Element,
  options: RenderOptions,
): { readonly give: Given; readonly end: Promise<void> } {
  const { deltas, give } = handFed()
  const end = render(deltas, element, options)
  end.catch(() => {})
  return { give, end }
}

export const text = (piece: string): Delta => ({ type: 'text', text: piece })
