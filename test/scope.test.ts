/** An extent of work that can be ended from outside. */
import { describe, expect, test, vi } from 'vitest'
import { AbortedError, NetworkError, TimeoutError } from '../src/errors/errors.ts'
import { Scope } from '../src/scope.ts'

const reason = new TimeoutError('idle', 5)
const other = new NetworkError('body')

/** A promise and its ends. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

describe('a scope', () => {
  test('lives until it is aborted, and its first reason stays', () => {
    const scope = new Scope()
    expect(scope.reason).toBeUndefined()
    scope.abort(reason)
    scope.abort(other)
    expect(scope.reason).toBe(reason)
  })

  test('gives fetch a signal with its own reason', () => {
    const scope = new Scope()
    const { signal } = scope
    expect(signal.aborted).toBe(false)
    expect(scope.signal).toBe(signal)
    scope.abort(reason)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toBe(reason)
  })

  test('gives a signal that is aborted already where it was asked too late', () => {
    const scope = new Scope()
    scope.abort(reason)
    expect(scope.signal.aborted).toBe(true)
    expect(scope.signal.reason).toBe(reason)
  })

  test('calls its listeners once, with the reason', () => {
    const scope = new Scope()
    const listener = vi.fn()
    scope.onAbort(listener)
    scope.abort(reason)
    scope.abort(other)
    expect(listener).toHaveBeenCalledExactlyOnceWith(reason)
  })

  test('calls a late listener at once', () => {
    const scope = new Scope()
    scope.abort(reason)
    const listener = vi.fn()
    scope.onAbort(listener)()
    expect(listener).toHaveBeenCalledExactlyOnceWith(reason)
  })

  test('does not call a listener that was taken off', () => {
    const scope = new Scope()
    const listener = vi.fn()
    scope.onAbort(listener)()
    scope.abort(reason)
    expect(listener).not.toHaveBeenCalled()
  })

  test('has its reason before anybody is told of it', () => {
    const scope = new Scope()
    const seen: unknown[] = []
    scope.onAbort(() => seen.push(scope.reason))
    scope.abort(reason)
    expect(seen).toEqual([reason])
  })
})

describe('a child', () => {
  test('ends with its parent, for the same reason', () => {
    const parent = new Scope()
    const child = new Scope(parent)
    parent.abort(reason)
    expect(child.reason).toBe(reason)
  })

  test('of a parent that has ended is ended', () => {
    const parent = new Scope()
    parent.abort(reason)
    expect(new Scope(parent).reason).toBe(reason)
  })

  test('ends alone', () => {
    const parent = new Scope()
    new Scope(parent).abort(reason)
    expect(parent.reason).toBeUndefined()
  })

  test('that is closed outlives its parent and is ended by nobody', () => {
    const parent = new Scope()
    const child = new Scope(parent)
    child.close()
    parent.abort(reason)
    expect(child.reason).toBeUndefined()
  })

  test.each([
    ['closed', (child: Scope) => child.close()],
    ['ended', (child: Scope) => child.abort(other)],
  ])('that is %s is forgotten by its parent', (_how, end) => {
    const parent = new Scope()
    const forget = vi.fn()
    vi.spyOn(parent, 'onAbort').mockReturnValue(forget)
    const child = new Scope(parent)
    expect(forget).not.toHaveBeenCalled()
    end(child)
    expect(forget).toHaveBeenCalledOnce()
  })
})

describe('a scope that is closed while somebody listens', () => {
  test('ends with its parent until nobody does, and then outlives it', () => {
    const parent = new Scope()
    const child = new Scope(parent)
    const [first, second] = [child.onAbort(() => {}), child.onAbort(() => {})]
    child.close()
    first()
    const heard = new Scope(parent)
    heard.onAbort(() => {})
    heard.close()
    second()
    parent.abort(reason)
    expect([child.reason, heard.reason]).toEqual([undefined, reason])
  })
})

describe("the caller's signal", () => {
  test('ends the scope, and its reason is the cause', () => {
    const controller = new AbortController()
    const scope = new Scope()
    scope.follow(controller.signal)
    controller.abort('enough')
    expect(scope.reason).toBeInstanceOf(AbortedError)
    expect(scope.reason).toMatchObject({ code: 'aborted', cause: 'enough' })
  })

  test('that is aborted already ends it at once', () => {
    const scope = new Scope()
    scope.follow(AbortSignal.abort('enough'))
    expect(scope.reason).toMatchObject({ code: 'aborted', cause: 'enough' })
  })

  test.each([
    ['closed', (scope: Scope) => scope.close()],
    ['ended by something else', (scope: Scope) => scope.abort(reason)],
    ['ended by it', (_scope: Scope, controller: AbortController) => controller.abort()],
  ])('keeps no listener of a scope that was %s', (_how, end) => {
    const controller = new AbortController()
    const added = vi.spyOn(controller.signal, 'addEventListener')
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const scope = new Scope()
    scope.follow(controller.signal)
    end(scope, controller)
    expect(added).toHaveBeenCalledOnce()
    expect(removed.mock.calls.map(([type, listener]) => [type, listener])).toContainEqual(
      added.mock.calls[0]?.slice(0, 2),
    )
  })

  test('does nothing to a scope that is closed', () => {
    const controller = new AbortController()
    const scope = new Scope()
    scope.follow(controller.signal)
    scope.close()
    controller.abort()
    expect(scope.reason).toBeUndefined()
  })
})

describe('a race', () => {
  test('is won by the promise, whatever it brings', async () => {
    const scope = new Scope()
    await expect(scope.race(Promise.resolve(1))).resolves.toBe(1)
    await expect(scope.race(Promise.reject(other))).rejects.toBe(other)
  })

  test('is ended by the scope, even where the promise never settles', async () => {
    const scope = new Scope()
    const race = scope.race(new Promise(() => {}))
    scope.abort(reason)
    await expect(race).rejects.toBe(reason)
  })

  test('in a scope that has ended is over at once', async () => {
    const scope = new Scope()
    scope.abort(reason)
    await expect(scope.race(new Promise(() => {}))).rejects.toBe(reason)
  })

  test('hands over a value that came too late, and only then', async () => {
    const scope = new Scope()
    const late = vi.fn()
    await scope.race(Promise.resolve('in time'), late)
    const { promise, resolve } = deferred<string>()
    const race = scope.race(promise, late)
    scope.abort(reason)
    await expect(race).rejects.toBe(reason)
    expect(late).not.toHaveBeenCalled()
    resolve('too late')
    await promise
    expect(late).toHaveBeenCalledExactlyOnceWith('too late')
  })

  test('swallows a failure that came too late', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const scope = new Scope()
    const { promise, reject } = deferred<string>()
    const race = scope.race(promise)
    scope.abort(reason)
    reject(other)
    await expect(race).rejects.toBe(reason)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('leaves no listener behind', async () => {
    const scope = new Scope()
    const forget = vi.fn()
    vi.spyOn(scope, 'onAbort').mockReturnValue(forget)
    await scope.race(Promise.resolve(1))
    await scope.race(Promise.reject(other)).catch(() => {})
    expect(forget).toHaveBeenCalledTimes(2)
  })
})

test('hanging up aborts what was fetched, and nothing else', () => {
  const parent = new Scope()
  const scope = new Scope(parent)
  const heard = vi.fn()
  scope.onAbort(heard)
  scope.hangUp()
  const { signal } = scope
  expect(signal.aborted).toBe(false)
  scope.hangUp()
  expect(signal.aborted).toBe(true)
  expect([scope.reason, parent.reason, heard.mock.calls]).toEqual([undefined, undefined, []])
})
