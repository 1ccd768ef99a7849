// Closer to the end than this, in CSS pixels, a reader who scrolls down means the end.
const NEAR_PX = 40
// Zoomed pages round: this close is the end itself.
const END_PX = 2

/**
 * Keeps the end of a scrolling box in view until its reader scrolls up; back at the end, it follows again. Told by
 * scroll events alone: wheel, keys, touch, scroll bar and search all end in one, and the browser sends it before the
 * frame in which we would scroll. While a pointer is down in the box, nothing moves under it: somebody selects.
 */
export class Follow {
  readonly #element: Element
  /** Whether the box was given; one that was looked for is looked for again when it is no longer around the element. */
  readonly #isGiven: boolean
  #box: Element | undefined
  #isHeld = true
  /** In the box, until that, or what it is in, is taken out of its place: live ranges are moved then. */
  #place: Range | undefined
  /** Where the box stood when we last looked. */
  #top = 0

  /** @param box - what scrolls; `undefined`: the nearest box around `element` that does, or the page. */
  constructor(element: Element, box: Element | undefined) {
    this.#element = element
    // A body that does not scroll itself stands for the page.
    const given = box === box?.ownerDocument.body ? undefined : box
    this.#isGiven = given !== undefined
    if (box || element.isConnected) this.#attach(given ?? scrollerAround(box ?? element))
  }

  /** Text was written: scrolls to the end, unless the reader is elsewhere. At most once a frame, as it lays out. */
  step(): void {
    if (!this.#isGiven && !isWithin(this.#element, this.#box)) {
      // Not there yet, taken out, or moved.
      if (!this.#element.isConnected) return
      this.#attach(scrollerAround(this.#element))
    }
    // Active is what a pointer is down in, with all around it, until it is let go of, wherever that is.
    if (!this.#box || !this.#isHeld || this.#box.matches(':active')) return
    // Smooth scrolling would be begun anew by every frame and never arrive.
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: 'instant' })
    this.#top = this.#box.scrollTop
  }

  stop(): void {
    if (this.#box) eventsOf(this.#box).removeEventListener('scroll', this.#onScroll)
  }

  /** A question and an empty answer have just been added; whoever is further up than what is seen of the box reads there. */
  #attach(box: Element): void {
    if (!this.#box) this.#isHeld = belowIn(box) <= box.clientHeight
    this.stop()
    this.#box = box
    this.#settle(box)
    this.#top = box.scrollTop
    eventsOf(box).addEventListener('scroll', this.#onScroll)
  }

  readonly #onScroll = (): void => {
    const box = this.#box as Element
    const below = belowIn(box)
    // Put elsewhere in the page a box stands at its start, and its reader has not scrolled.
    const isMoved = this.#place?.startContainer !== box
    if (isMoved) this.#settle(box)
    // A box that has shrunk (text was taken back) moves up by itself, and then stands at its end.
    if (below <= END_PX || (below <= NEAR_PX && box.scrollTop > this.#top)) this.#isHeld = true
    else if (box.scrollTop < this.#top && !isMoved) this.#isHeld = false
    this.#top = box.scrollTop
  }

  #settle(box: Element): void {
    this.#place = box.ownerDocument.createRange()
    this.#place.setStart(box, 0)
  }
}

function belowIn(box: Element): number {
  return box.scrollHeight - box.clientHeight - box.scrollTop
}

/** Up through slots and out of shadow roots. What the body is told of overflow is the page's, unless the page has its own. */
function scrollerAround(element: Element): Element {
  const { body, defaultView, documentElement, scrollingElement } = element.ownerDocument
  const scrolls = (box: Element, how: RegExp): boolean =>
    how.test(defaultView?.getComputedStyle(box).overflowY ?? '')
  for (let box: Element | null | undefined = element; box && box !== documentElement; box = parentOf(box))
    if (
      scrolls(box, /auto|scroll|overlay/) &&
      (box !== body || scrolls(documentElement, /auto|scroll|hidden/))
    )
      return box
  return scrollingElement ?? documentElement
}

function isWithin(element: Element, box: Element | undefined): boolean {
  for (let each: Element | null | undefined = element; each; each = parentOf(each))
    if (each === box) return true
  return false
}

function parentOf(box: Element): Element | null | undefined {
  return box.assignedSlot ?? box.parentElement ?? (box.getRootNode() as Partial<ShadowRoot>).host
}

/** The page's own scrolling is told to the document. */
function eventsOf(box: Element): EventTarget {
  return box === box.ownerDocument.scrollingElement ? box.ownerDocument : box
}
