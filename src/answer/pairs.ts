import { type Delta, isContent } from '../events.ts'

type Content = Extract<Delta, { type: 'text' | 'reasoning' | 'tool-call' }>

/**
 * Keeps half a character back until its other half has come. Some servers count in UTF-16 units and cut through surrogate
 * pairs; sent on as bytes, both halves would be lost.
 */
export class Pairs {
  /** What is kept back, by its kind, or its call's index. */
  readonly #held = new Map<string | number, Content>()

  /** A batch without the halves at its ends, and with those that were kept back. */
  join(batch: readonly Delta[]): readonly Delta[] {
    if (this.#held.size === 0 && !endsInHalf(batch)) return batch
    const joined: Delta[] = []
    for (const delta of batch) {
      if (delta.type === 'usage') joined.push(delta)
      else if (delta.type === 'finish') joined.push(...this.rest(), delta)
      else if (delta.type === 'rewind') {
        this.#held.clear()
        joined.push(delta)
      } else this.#join(delta, joined)
    }
    return joined
  }

  /** What is kept back: its other half will not come. */
  rest(): readonly Delta[] {
    const rest = [...this.#held.values()]
    this.#held.clear()
    return rest
  }

  #join(delta: Content, joined: Delta[]): void {
    const key = delta.type === 'tool-call' ? delta.index : delta.type
    const held = this.#held.get(key)
    this.#held.delete(key)
    const text = (held ? textOf(held) : '') + textOf(delta)
    const length = text.length - (/[\ud800-\udbff]$/.test(text) ? 1 : 0)
    if (length < text.length) this.#held.set(key, withText(unnamed(delta), text.slice(length)))
    // A call's id and name are said whether there is text or not.
    if (length > 0 || delta.type === 'tool-call') joined.push(withText(delta, text.slice(0, length)))
  }
}

function unnamed(delta: Content): Content {
  return delta.type === 'tool-call' ? { ...delta, id: '', name: '' } : delta
}

/** Whether one of them does. Spelled out: each token is looked at. */
function endsInHalf(batch: readonly Delta[]): boolean {
  for (const delta of batch) {
    const text = isContent(delta) ? textOf(delta as Content) : ''
    if ((text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800) return true
  }
  return false
}

function textOf(delta: Content): string {
  return delta.type === 'tool-call' ? delta.arguments : delta.text
}

function withText(delta: Content, text: string): Content {
  return delta.type === 'tool-call' ? { ...delta, arguments: text } : { ...delta, text }
}
