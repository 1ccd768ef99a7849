/** The queue of those that may not run yet: in order, told where they stand, and no slot lost. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Slots, type Ticket } from '../../src/policy/slots.ts'

/** Somebody who takes a slot, and what became of it. */
interface Guest extends Ticket {
  readonly places: number[]
  isIn: boolean
}

function guest(slots: Slots): Guest {
  const places: number[] = []
  const ticket = slots.take((place) => places.push(place))
  const one: Guest = { ...ticket, places, isIn: false }
  void ticket.turn.then(() => {
    one.isIn = true
  })
  return one
}

function guests(slots: Slots, count: number): Guest[] {
  return Array.from({ length: count }, () => guest(slots))
}

/** Who is in, by their numbers, once all that is due has happened. */
async function inside(all: readonly Guest[]): Promise<number[]> {
  await new Promise(setImmediate)
  return all.flatMap(({ isIn }, number) => (isIn ? [number] : []))
}

const places = (all: readonly Guest[]) => all.map((one) => one.places)

describe('a slot', () => {
  test('is given at once while there is one, and no place is told', async () => {
    const all = guests(new Slots(2), 2)
    expect(await inside(all)).toEqual([0, 1])
    expect(places(all)).toEqual([[], []])
  })

  test('goes to whoever has waited longest', async () => {
    const all = guests(new Slots(2), 5)
    expect(await inside(all)).toEqual([0, 1])
    all[1]?.free()
    expect(await inside(all)).toEqual([0, 1, 2])
    all[0]?.free()
    expect(await inside(all)).toEqual([0, 1, 2, 3])
  })

  test('that nobody waits for is put back', async () => {
    const slots = new Slots(1)
    guest(slots).free()
    const [second, third] = guests(slots, 2)
    expect(await inside([second!, third!])).toEqual([0])
  })

  test('is handed on once, however often it is given back', async () => {
    const slots = new Slots(1)
    const all = guests(slots, 4)
    all[0]?.free()
    all[0]?.free()
    all[0]?.free()
    expect(await inside(all)).toEqual([0, 1])
  })

  test('given back twice to an empty queue does not become two', async () => {
    const slots = new Slots(1)
    const first = guest(slots)
    first.free()
    first.free()
    expect(await inside(guests(slots, 2))).toEqual([0])
  })

  test('that had to be waited for is given back as well', async () => {
    const slots = new Slots(1)
    const all = guests(slots, 3)
    all[0]?.free()
    all[1]?.free()
    all[2]?.free()
    expect(await inside(all)).toEqual([0, 1, 2])
    expect(await inside(guests(slots, 2))).toEqual([0])
  })

  test('freed before its turn was noticed goes to the next one', async () => {
    const all = guests(new Slots(1), 3)
    all[0]?.free()
    // The turn has been given, but nobody has had time to hear of it.
    expect(all[1]?.isIn).toBe(false)
    all[1]?.free()
    expect(await inside(all)).toContain(2)
  })
})

describe('a place in the queue', () => {
  test('is told at first, before take() returns', () => {
    expect(places(guests(new Slots(1), 4))).toEqual([[], [1], [2], [3]])
  })

  test('is told whenever it moves up, and not at the turn', () => {
    const all = guests(new Slots(1), 4)
    all[0]?.free()
    expect(places(all)).toEqual([[], [1], [2, 1], [3, 2]])
    all[1]?.free()
    expect(places(all)).toEqual([[], [1], [2, 1], [3, 2, 1]])
  })

  test('can be left: those behind move up, those before do not hear of it', async () => {
    const all = guests(new Slots(1), 5)
    all[2]?.free()
    expect(places(all)).toEqual([[], [1], [2], [3, 2], [4, 3]])
    all[0]?.free()
    all[1]?.free()
    expect(await inside(all)).toEqual([0, 1, 3])
  })

  test('is left once, however often that is said', () => {
    const all = guests(new Slots(1), 4)
    all[1]?.free()
    all[1]?.free()
    expect(places(all)).toEqual([[], [1], [2, 1], [3, 2]])
  })

  test('may be left by whoever is just being told it', async () => {
    const slots = new Slots(1)
    const all = guests(slots, 2)
    let ticket: Ticket | undefined
    ticket = slots.take((place) => place === 1 && ticket?.free())
    all.push(guest(slots))
    all[0]?.free()
    all[1]?.free()
    expect(await inside(all)).toEqual([0, 1, 2])
    expect(all[2]?.places.at(-1)).toBe(1)
  })
})

/** A number: that one gives back what he has, be it a slot, a place, or nothing any more. */
const step = fc.oneof(fc.constantFrom<'take' | 'look'>('take', 'look'), fc.nat({ max: 19 }))

test('whatever the order: never more than so many at once, first come first served, and all get their turn', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 60 }),
      async (max, steps) => {
        const slots = new Slots(max)
        const all: Guest[] = []
        const gone = new Set<number>()
        const entered: number[] = []
        const take = () => {
          const number = all.length
          const one = guest(slots)
          void one.turn.then(() => entered.push(number))
          all.push(one)
        }
        const check = async () => {
          const running = (await inside(all)).filter((number) => !gone.has(number))
          const waiting = all.flatMap(({ isIn }, number) => (isIn || gone.has(number) ? [] : [number]))
          expect(running.length).toBe(Math.min(max, running.length + waiting.length))
          expect(waiting.map((number) => all[number]?.places.at(-1))).toEqual(waiting.map((_, at) => at + 1))
          expect(entered).toEqual([...entered].sort((a, b) => a - b))
        }
        for (const each of steps) {
          if (each === 'take') take()
          else if (each === 'look') await check()
          else if (all[each]) {
            all[each].free()
            gone.add(each)
          }
        }
        await check()
        for (const [number, one] of all.entries()) {
          one.free()
          gone.add(number)
          await check()
        }
        // Nobody is left, and no slot is lost.
        const late = guests(slots, max + 1)
        expect(await inside(late)).toHaveLength(max)
      },
    ),
    { numRuns: 100 },
  )
})
