/** A store that keeps its promises but for one is found out. */
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/relay/index.ts'
import type { AnswerKey, NewAnswer, Store } from '../../src/relay/store.ts'
import { storeConformance } from '../../src/testing/index.ts'

type Fault = (right: Store) => Partial<Store>

/** The methods of a store, to be called by one that stands in for it. */
function methodsOf(store: Store): Store {
  const names = ['open', 'append', 'end', 'look', 'read', 'renew', 'stop', 'forget'] as const
  const methods = names.map((name) => [name, (store[name] as () => unknown).bind(store)])
  return Object.fromEntries(methods)
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'what is sent again with more is left out whole': ({ append }) => {
    const sent = new Map<string, number>()
    return {
      async append(id, first, frames) {
        const last = sent.get(id) ?? 0
        if (first <= last) return last
        sent.set(id, first + frames.length - 1)
        return append(id, first, frames)
      },
    }
  },
  'the end adds all that it is given': ({ end }) => ({
    end: (id, ending, _first, frames) => end(id, ending, 1_000_000, frames),
  }),
  'what is opened again is empty': ({ open, look, forget }) => ({
    async open(answer) {
      if (await look(answer.id)) await forget(answer.id)
      return open(answer)
    },
  }),
  'an ended answer is nobody’s': ({ look }) => ({
    async look(id) {
      const known = await look(id)
      return known && { ...known, owner: known.state === 'running' ? known.owner : '' }
    },
  }),
  'all answers are of who asked last': ({ open, look }) => {
    let owner = ''
    return {
      open(answer: NewAnswer) {
        owner = answer.owner
        return open(answer)
      },
      async look(id) {
        const known = await look(id)
        return known && { ...known, owner }
      },
    }
  },
  'a key is kept by an answer that is lost': ({ open, look }) => {
    const held = new Map<string, { id: string; digest: string }>()
    return {
      async open(answer) {
        const { name = '', digest = '' }: Partial<AnswerKey> = answer.key ?? {}
        const holder = held.get(name)
        if (holder && (await look(holder.id))?.state === 'lost') return holder
        if (name) held.set(name, { id: answer.id, digest })
        return open(answer)
      },
    }
  },
  'what was never opened can be ended': ({ end }) => ({
    end: async (id, ending, first, frames) => (await end(id, ending, first, frames)) ?? ending,
  }),
  'what is alive comes back': ({ renew, look, open }) => ({
    async renew(id) {
      if (!(await look(id))) await open({ id, owner: '' })
      return renew(id)
    },
  }),
  'somebody always reads': () => ({ isRead: async () => true }),
  'a long event is cut': ({ append }) => ({
    append: (id, first, frames) =>
      append(
        id,
        first,
        frames.map((each) => (each.length > 65_536 ? `${each.slice(0, 65_536)}\n\n` : each)),
      ),
  }),
}

test.each(Object.entries(FAULTS))('%s', async (_name, faultOf) => {
  const make = (): Store => {
    const store = memoryStore()
    return Object.assign(store, faultOf(methodsOf(store)))
  }
  const runs = await Promise.allSettled(storeConformance(make).map(({ run }) => run()))
  expect(runs.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
})
