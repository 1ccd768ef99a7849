// @vitest-environment happy-dom
/** In an effect of Svelte's: what is read in it asks anew, and nothing else does. Here with what a browser loads of Svelte. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stream } from '../../src/index.ts'
import { useReply } from '../../src/svelte/stores.ts'
import { handFetch } from '../support/hand-fetch.ts'

/** What the compiler makes runes of; it has no types. */
interface Runes {
  effect_root(run: () => void): () => void
  user_effect(run: () => void): void
  state<T>(value: T): { readonly v: T }
  get<T>(source: { readonly v: T }): T
  set<T>(source: { readonly v: T }, value: T): void
  flush(): void
  untrack<T>(run: () => T): T
}
const runes = await vi.hoisted(async (): Promise<Runes> => {
  const path: string = 'svelte/internal/client'
  return import(path)
})
vi.mock('svelte', () => ({ untrack: runes.untrack }))
const { effect_root, user_effect, state, get, set, flush } = runes

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a reply is asked for anew when what it was asked with changes, not when what its subscribers read does', async () => {
  const { fetch, asked } = handFetch()
  const [id, prefix] = [state('a'), state('')]
  const reply = useReply((own) => stream(`https://api.example.com/${get(id)}`, { fetch, ...own }))
  const said: string[] = []
  const leave = reply.subscribe(({ status }) => void said.push(get(prefix) + status))
  const end = effect_root(() => user_effect(reply.regenerate))
  const after = async (change: () => void) => {
    change()
    flush()
    await vi.advanceTimersByTimeAsync(10)
    return asked.length
  }
  expect(await after(() => {})).toBe(1)
  expect(await after(() => set(prefix, 'It is '))).toBe(1)
  expect(await after(() => set(id, 'b'))).toBe(2)
  expect(said.at(-1)).toBe('It is asking')
  end()
  leave()
})
