/** The bucket that pays for further attempts. */
import { describe, expect, test } from 'vitest'
import { Budget, budgetDefaults, Reservation } from '../../src/policy/budget.ts'

/** How many further attempts it pays for. */
function spent(budget: Budget): number {
  let count = 0
  while (budget.take()) count++
  return count
}

function emptied(perSuccess: number, tokens = 10): Budget {
  const budget = new Budget({ tokens, perSuccess })
  spent(budget)
  return budget
}

function earned(budget: Budget, times: number): Budget {
  for (let i = 0; i < times; i++) budget.earn()
  return budget
}

describe('a budget', () => {
  test('is full at first', () => {
    expect(new Budget({ tokens: 3, perSuccess: 1 }).tokens).toBe(3)
  })

  test('pays one token for each further attempt until it has none', () => {
    const budget = new Budget({ tokens: 2, perSuccess: 1 })
    expect([budget.take(), budget.tokens, budget.take(), budget.tokens]).toEqual([true, 1, true, 0])
    expect([budget.take(), budget.take(), budget.tokens]).toEqual([false, false, 0])
  })

  test.each([
    [0, 0],
    [0.9, 0],
    [1, 1],
    [1.9, 1],
    [10, 10],
  ])('of %d tokens pays for %i', (tokens, count) => {
    const budget = new Budget({ tokens, perSuccess: 0 })
    expect(spent(budget)).toBe(count)
    expect(budget.tokens).toBeCloseTo(tokens - count, 9)
  })

  test('that refuses keeps what it has', () => {
    const budget = earned(emptied(0.5), 1)
    expect([budget.take(), budget.tokens]).toEqual([false, 0.5])
    expect([earned(budget, 1).take(), budget.tokens]).toEqual([true, 0])
  })
})

describe('a whole answer', () => {
  test.each([
    [0.5, 1, 0],
    [0.5, 2, 1],
    [0.25, 3, 0],
    [0.25, 4, 1],
    [0.25, 9, 2],
    [0.1, 9, 0],
    [0.1, 10, 1],
    [0.1, 11, 1],
    [1, 3, 3],
    [2, 1, 2],
    [0, 1_000, 0],
  ])('puts back %d: %i of them pay for %i', (perSuccess, answers, count) => {
    expect(spent(earned(emptied(perSuccess), answers))).toBe(count)
  })

  test('adds nothing to a full budget', () => {
    expect(earned(new Budget({ tokens: 2, perSuccess: 0.1 }), 100).tokens).toBe(2)
  })

  test('never brings more than fits', () => {
    const budget = emptied(5, 3)
    expect([earned(budget, 1).tokens, spent(budget)]).toEqual([3, 3])
  })
})

describe('a reservation', () => {
  const budgetOf = (tokens: number) => new Budget({ tokens, perSuccess: 0 })

  test('takes a token for the next request', () => {
    const budget = budgetOf(2)
    new Reservation(budget).take(false)
    expect(budget.tokens).toBe(1)
  })

  test('takes none where the request is free', () => {
    const budget = budgetOf(2)
    new Reservation(budget).take(true)
    expect(budget.tokens).toBe(2)
  })

  test('holds one token at most, until the request is sent', () => {
    const budget = budgetOf(3)
    const reservation = new Reservation(budget)
    reservation.take(false)
    reservation.take(false)
    expect(budget.tokens).toBe(2)
    reservation.spend()
    reservation.take(false)
    expect(budget.tokens).toBe(1)
  })

  test('gives back what was not spent, once', () => {
    const budget = budgetOf(2)
    const reservation = new Reservation(budget)
    reservation.take(false)
    budget.take()
    reservation.giveBack()
    reservation.giveBack()
    expect(budget.tokens).toBe(1)
  })

  test('gives nothing back that was spent, or was not to be had', () => {
    const budget = budgetOf(1)
    const [first, second] = [new Reservation(budget), new Reservation(budget)]
    first.take(false)
    second.take(false)
    second.giveBack()
    first.spend()
    first.giveBack()
    expect(budget.tokens).toBe(0)
  })

  test('can pay with what it holds, and others cannot', () => {
    const budget = budgetOf(1)
    const [reservation, other] = [new Reservation(budget), new Reservation(budget)]
    reservation.take(false)
    expect([reservation.tokens, other.tokens]).toEqual([1, 0])
    reservation.spend()
    expect([reservation.tokens, other.tokens]).toEqual([0, 0])
  })

  test('that found the budget dry holds nothing', () => {
    const reservation = new Reservation(budgetOf(0.9))
    reservation.take(false)
    expect(reservation.tokens).toBe(0.9)
  })
})

test('the defaults are those the documentation names', () => {
  expect(budgetDefaults).toEqual({ tokens: 10, perSuccess: 0.1 })
  expect(Object.isFrozen(budgetDefaults)).toBe(true)
})
