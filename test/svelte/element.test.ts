// @vitest-environment happy-dom
/** The custom element in Svelte's markup, which sets as a property only what has a setter: all else becomes an attribute. */
import { expect, test, vi } from 'vitest'
import { defineAnswer } from '../../src/element/answer-element.ts'
import { stream } from '../../src/index.ts'
import type { StreamOptions } from '../../src/options.ts'
import { scriptedFetch } from '../../src/testing/index.ts'

/** What the compiler makes an attribute of a custom element of; it has no types. */
interface Markup {
  set_custom_element_data(element: Element, name: string, value: unknown): void
}
const path: string = 'svelte/internal/client'
const { set_custom_element_data: set }: Markup = await import(path)

test('its options are those of the call', async () => {
  const given: (StreamOptions | undefined)[] = []
  const fetch = scriptedFetch({ events: ['[DONE]'] })
  defineAnswer((input, options) => {
    given.push(options)
    return stream(input, { fetch, ...options })
  })
  const element = document.createElement('holdfast-answer')
  set(element, 'src', 'https://a.test/1')
  set(element, 'options', { headers: { 'x-own': '1' } })
  document.body.append(element)
  await vi.waitFor(() => expect(given).toEqual([{ headers: { 'x-own': '1' } }]))
  element.remove()
})
