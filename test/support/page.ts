/** A page whose tab, lid and network the test holds in its hands; needs happy-dom and fake timers. */
import { vi } from 'vitest'

let isHidden = false
let isOnline = true
let frozenMs = 0

export const page = {
  /** A visible page with a network. */
  reset(): void {
    ;[isHidden, isOnline, frozenMs] = [false, true, 0]
    vi.restoreAllMocks()
    vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => (isHidden ? 'hidden' : 'visible'))
    vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => isOnline)
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + frozenMs)
  },
  hide(): void {
    isHidden = true
    page.tell('visibilitychange')
  },
  show(): void {
    isHidden = false
    page.tell('visibilitychange')
  },
  goOffline(): void {
    isOnline = false
    page.tell('offline')
  },
  goOnline(): void {
    isOnline = true
    page.tell('online')
  },
  /** Time passes and no timer fires: a frozen tab, or a machine asleep whose clocks both go on. */
  freeze(ms: number): void {
    frozenMs += ms
    vi.setSystemTime(Date.now() + ms)
  },
  /** A machine asleep whose monotonic clock sleeps, too. */
  sleep(ms: number): void {
    vi.setSystemTime(Date.now() + ms)
  },
  tell(
    name:
      | 'visibilitychange'
      | 'freeze'
      | 'resume'
      | 'beforeunload'
      | 'pagehide'
      | 'pageshow'
      | 'offline'
      | 'online',
  ): void {
    const target = /visibility|freeze|resume/.test(name) ? document : globalThis
    target.dispatchEvent(new Event(name))
  },
}
