/**
 * What is known of the page around us, if there is one: the only file that looks. Outside a page (Node, workers)
 * each of these facts is simply absent, and nothing else has to ask where it is.
 */

/** Whether this runs in a page, where everything is in the hands of whoever opened it. */
export function isPage(): boolean {
  return typeof window === 'object' && typeof document === 'object'
}

/** What a relative URL goes on from: the page's base, or the worker's own address. */
export function pageAddress(): string | undefined {
  return globalThis.document?.baseURI ?? globalThis.location?.href
}

/** Whether the page is hidden: its timers are slow, its frames have stopped, and it may be frozen at any moment. */
export function isHidden(): boolean {
  return typeof document === 'object' && document.visibilityState === 'hidden'
}

/** Whether the browser says that there is no network. It may be mistaken, in both directions. */
export function isOffline(): boolean {
  return typeof navigator === 'object' && navigator.onLine === false
}

/** Whether the page has lost its window (its iframe was removed): no timer and no request of its will ever end. */
export function isGone(): boolean {
  return globalThis.closed
}

/** What happens to a page that a stream in it has to know of. */
export interface PageListeners {
  /** It is about to miss something: hidden, frozen, put aside, offline. */
  readonly onAway: () => void
  /** It is there again. */
  readonly onBack: () => void
  /** Somebody has followed a link out of it, reloads or closes it. It may stay all the same: links can be downloads. */
  readonly onLeaving: () => void
}

/**
 * Listens until the function it returns is called. `unload` is left alone, because a listener for it keeps the page
 * out of the back/forward cache. In Firefox one for `beforeunload` does so, too, and so does an open stream.
 *
 * @see https://wicg.github.io/page-lifecycle/
 */
export function watchPage({ onAway, onBack, onLeaving }: PageListeners): () => void {
  const onVisibility = (): void => (isHidden() ? onAway() : onBack())
  const heard: readonly (readonly [EventTarget, string, () => void])[] = [
    ...on(globalThis.document, {
      visibilitychange: onVisibility,
      freeze: onAway,
      resume: onBack,
    }),
    ...on(globalThis, {
      beforeunload: onLeaving,
      pagehide: onAway,
      pageshow: onBack,
      offline: onAway,
      online: onBack,
    }),
  ]
  for (const [target, name, listener] of heard) target.addEventListener(name, listener)
  return () => {
    for (const [target, name, listener] of heard) target.removeEventListener(name, listener)
  }
}

// Some runtimes without a page have a `document` all the same, for libraries that ask no further.
function on(target: EventTarget | undefined, listeners: Readonly<Record<string, () => void>>) {
  if (typeof target?.addEventListener !== 'function') return []
  return Object.entries(listeners).map(([name, listener]) => [target, name, listener] as const)
}
