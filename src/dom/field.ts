import type { Writer } from './writer.ts'

/** A form field shows its value, not what it holds. */
export type Field = HTMLTextAreaElement | HTMLInputElement

export function isField(element: Element): element is Field {
  return 'setRangeText' in element
}

/** Text after what a field says. What is selected in it, and where its reader writes, stays. */
export function fieldText(field: Field): Writer {
  const start = field.value.length
  const put = (text: string, from: number): void =>
    field.setRangeText(text, from, field.value.length, 'preserve')
  return {
    write: (text) => put(text, field.value.length),
    rewind(text) {
      const kept = field.value.startsWith(text, start) ? text.length : 0
      put(text.slice(kept), start + kept)
    },
  }
}
