const latest = new WeakMap<Element, object>()

/**
 * Of several answers that go into one element (a new one is begun while the last is being cancelled), the newest owns
 * what there is only one of. The function it returns tells whether that is still this one.
 */
export function claim(element: Element, owner: object): () => boolean {
  latest.set(element, owner)
  return () => latest.get(element) === owner
}
