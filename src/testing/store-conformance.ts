import type { NewAnswer, Page, Store, StoreSettings } from '../relay/store.ts'
import { elapsed, schedule, uniqueName } from '../time/clock.ts'

/** One promise of a store, and what tries it. */
export interface StoreTest {
  readonly name: string
  /** Rejects when the promise is not kept. */
  readonly run: () => Promise<void>
}

/** Makes a store that shares its content with no other, but with those that `others` makes. */
export type MakeStore = () => Store | Promise<Store>

/**
 * What any store of a relay has to do, for any test runner.
 *
 * @param makeStore - makes the store to be tried; called once for each test, and closed after it.
 * @example
 * ```ts
 * for (const { name, run } of storeConformance(() => new MyStore())) test(name, run)
 * ```
 */
export function storeConformance(makeStore: MakeStore): readonly StoreTest[] {
  return Object.entries(PROMISES).map(([name, keep]) => ({
    name,
    async run() {
      const store = await makeStore()
      const stopped: string[] = []
      store.start({ ...SETTINGS, onStop: (id) => void stopped.push(id) })
      try {
        await keep(store, stopped)
      } finally {
        await store.close?.()
      }
    },
  }))
}

const SETTINGS: StoreSettings = { keepMs: 60_000, leaseMs: 5000, onStop() {}, onWarning() {} }
const LONGEST_WAIT_MS = 5000

/** An id of the kind a relay makes, and a new one each time: some stores outlive a test. */
function newAnswer(more: Partial<NewAnswer> = {}): NewAnswer {
  const unique = uniqueName().replaceAll('-', '')
  return { id: `a${unique.padStart(22, '0').slice(-22)}`, owner: 'somebody', ...more }
}

const frames = (...texts: string[]): string[] => texts.map((text) => `data: ${text}\n\n`)

const PROMISES: Readonly<Record<string, (store: Store, stopped: string[]) => Promise<void>>> = {
  async 'an answer that was opened is running, and its owner is known'(store) {
    const answer = newAnswer({ owner: 'ä "owner"\n' })
    same(await store.open(answer), { id: answer.id, digest: undefined })
    same(await store.look(answer.id), { owner: answer.owner, state: 'running' })
    same(await store.isRead(answer.id), false)
  },
  async 'an answer is its owner’s to the end'(store) {
    const [one, other] = [await opened(store), await opened(store, { owner: 'another' })]
    for (const { id } of [one, other]) await store.end(id, 'done', 1, [])
    same(await store.look(one.id), { owner: one.owner, state: 'done' })
    same(await store.look(other.id), { owner: 'another', state: 'done' })
  },
  async 'an answer that is opened again stays as it is'(store) {
    const answer = await opened(store)
    await store.append(answer.id, 1, frames('a'))
    same(await store.open(answer), { id: answer.id, digest: undefined })
    same(await store.append(answer.id, 2, frames('b')), 2)
    await store.end(answer.id, 'done', 3, [])
    await store.open(answer)
    same(await all(store, answer.id), { frames: frames('a', 'b'), ending: 'done' })
  },
  async 'an answer that was never opened is unknown'(store) {
    const { id } = newAnswer()
    same(await store.look(id), undefined)
    same(await all(store, id), { frames: [], ending: undefined })
    same(await store.end(id, 'done', 1, frames('a')), undefined)
    same(await store.look(id), undefined)
  },
  async 'what was appended is read in order, as it was'(store) {
    const { id } = await opened(store)
    const texts = frames('a', 'ä 🌊', '{"b":"\\n"}', ' ', '\0', 'x'.repeat(100_000), 'line\ndata: line')
    same(await store.append(id, 1, texts.slice(0, 2)), 2)
    same(await store.append(id, 3, texts.slice(2)), 7)
    same(await store.end(id, 'done', 8, frames('[DONE]')), 'done')
    same(await all(store, id), { frames: [...texts, ...frames('[DONE]')], ending: 'done' })
  },
  async 'what is appended twice is there once'(store) {
    const { id } = await opened(store)
    await store.append(id, 1, frames('a', 'b'))
    same(await store.append(id, 1, frames('a', 'b')), 2)
    same(await store.append(id, 3, frames('c')), 3)
    same(await store.append(id, 3, frames('c')), 3)
    await store.end(id, 'done', 4, [])
    same(await all(store, id), { frames: frames('a', 'b', 'c'), ending: 'done' })
  },
  async 'of what is sent again with more, the rest is added'(store) {
    const { id } = await opened(store)
    const reading = all(store, id)
    await store.append(id, 1, frames('a', 'b'))
    same(await store.append(id, 2, frames('b', 'c')), 3)
    same(await store.end(id, 'done', 3, frames('c', 'd')), 'done')
    const whole = { frames: frames('a', 'b', 'c', 'd'), ending: 'done' }
    same(await reading, whole)
    same(await all(store, id), whole)
  },
  async 'a reader is told what comes as it comes'(store) {
    const { id } = await opened(store)
    await store.append(id, 1, frames('a'))
    const reading = all(store, id)
    await elapsed(50)
    await store.append(id, 2, frames('b'))
    await elapsed(50)
    await store.end(id, 'error', 3, frames('c'))
    same(await reading, { frames: frames('a', 'b', 'c'), ending: 'error' })
  },
  async 'a reader is told at once that there is nothing yet'(store) {
    const { id } = await opened(store)
    const leaving = new AbortController()
    for await (const page of store.read(id, leaving.signal)) {
      same([page.first, page.frames, page.ending], [1, [], undefined])
      leaving.abort()
    }
  },
  async 'many readers are told the same'(store) {
    const { id } = await opened(store)
    const readers = Array.from({ length: 20 }, () => all(store, id))
    for (let at = 1; at <= 10; at++) await store.append(id, at, frames(`${at}`))
    await store.end(id, 'stopped', 11, [])
    const read = await Promise.all(readers)
    for (const each of read) same(each, read[0])
    same(read[0]?.frames.length, 10)
  },
  async 'an answer ends once, as whoever was first has said'(store) {
    const { id } = await opened(store)
    const endings = await Promise.all([store.end(id, 'done', 1, frames('a')), store.end(id, 'lost', 1, [])])
    same(endings[0], endings[1])
    same((await store.look(id))?.state, endings[0])
    same(await store.append(id, 2, frames('late')), endings[0])
    same((await all(store, id)).ending, endings[0])
  },
  async 'a reader that leaves is let go'(store) {
    const { id } = await opened(store)
    const leaving = new AbortController()
    const reading = all(store, id, leaving.signal)
    await elapsed(50)
    leaving.abort()
    same(await reading, { frames: [], ending: undefined })
  },
  async 'the same question is answered once while its answer is running or whole'(store) {
    const key = { name: newAnswer().id, digest: 'd1' }
    const first = newAnswer({ key })
    const second = newAnswer({ key: { ...key, digest: 'd2' } })
    await store.open(first)
    same(await store.open(second), { id: first.id, digest: 'd1' })
    await store.end(first.id, 'done', 1, frames('a'))
    same(await store.open(newAnswer({ key })), { id: first.id, digest: 'd1' })
    same(await store.look(second.id), undefined)
  },
  async 'of two who ask the same at the same time one wins'(store) {
    const key = { name: newAnswer().id, digest: 'd' }
    const answers = Array.from({ length: 8 }, () => newAnswer({ key }))
    const won = await Promise.all(answers.map((each) => store.open(each)))
    same(new Set(won.map(({ id }) => id)).size, 1)
  },
  async 'after a failure the same question is asked anew'(store) {
    const key = { name: newAnswer().id, digest: 'd' }
    for (const ending of ['error', 'stopped', 'lost', 'forgotten'] as const) {
      const failed = newAnswer({ key })
      same(await store.open(failed), { id: failed.id, digest: 'd' })
      await (ending === 'forgotten' ? store.forget(failed.id) : store.end(failed.id, ending, 1, []))
    }
    const next = newAnswer({ key })
    same(await store.open(next), { id: next.id, digest: 'd' })
  },
  async 'whoever gives an answer is told to stop it'(store, stopped) {
    const { id } = await opened(store)
    await store.stop(id)
    for (let waited = 0; stopped.length === 0 && waited < LONGEST_WAIT_MS; waited += 20) await elapsed(20)
    same(stopped, [id])
  },
  async 'what was forgotten is unknown, and does not come back'(store) {
    const { id } = await opened(store)
    await store.append(id, 1, frames('a'))
    await store.forget(id)
    same(await store.look(id), undefined)
    same(await store.append(id, 2, frames('b')), 'stopped')
    for (const again of ['forget', 'stop', 'renew'] as const) await store[again](id)
    same(await store.look(id), undefined)
  },
  async 'who reads what is forgotten is let go'(store) {
    const { id } = await opened(store)
    const reading = all(store, id)
    await elapsed(50)
    await store.forget(id)
    same(await reading, { frames: [], ending: undefined })
  },
}

async function opened(store: Store, more?: Partial<NewAnswer>): Promise<NewAnswer> {
  const answer = newAnswer(more)
  await store.open(answer)
  await store.renew(answer.id)
  return answer
}

async function all(
  store: Store,
  id: string,
  signal?: AbortSignal,
): Promise<{ frames: string[]; ending: Page['ending'] }> {
  const read: string[] = []
  let ending: Page['ending']
  const late = new AbortController()
  const off = schedule(LONGEST_WAIT_MS, () => late.abort())
  for await (const page of store.read(id, signal ?? late.signal)) {
    same(page.first <= read.length + 1, true)
    read.push(...page.frames.slice(read.length + 1 - page.first))
    ending = page.ending
  }
  off()
  if (late.signal.aborted) throw new Error('A reader was left waiting')
  return { frames: read, ending }
}

function same(received: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(received), JSON.stringify(wanted)]
  if (one !== other) throw new Error(`received ${one}, wanted ${other}`)
}
