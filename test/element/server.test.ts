/** Without a DOM, as on a server that renders pages: everything can be imported, and does nothing. */
import { describe, expect, test } from 'vitest'
import { stream } from '../../src/index.ts'

describe('without a DOM', () => {
  test.each(['store', 'react', 'vue', 'svelte', 'element', 'dom'])(
    'holdfast/%s can be imported',
    async (room) => {
      expect(globalThis.document).toBeUndefined()
      expect(Object.keys(await import(`../../src/${room}/index.ts`))).not.toEqual([])
    },
  )

  test('defining the element does nothing', async () => {
    const { defineAnswer } = await import('../../src/element/index.ts')
    expect(() => defineAnswer(stream)).not.toThrow()
  })
})
