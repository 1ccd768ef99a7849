import { now, schedule } from './clock.ts'
import { Grace } from './grace.ts'
import { watchPage } from './page.ts'

/** Something that is due at some time of a wait. */
export interface Mark {
  /** What it is called: grace is given to each clock by its name. */
  readonly clock: string
  /** When it is due, in ms of waiting. */
  readonly at: number
  /** How long it had been given, in ms; `0`: it is switched off. */
  readonly limit: number
  /** Whether it ends something: then it passes once more if it may not mean what it says. */
  readonly isHard: boolean
  /** What happens then. */
  due(): void
}

// A timer this late was held up by something that blocked the engine, and the bytes that came meanwhile are still
// in line behind it. They get this long to be read before the verdict.
const LATE_MS = 100
const TURN_MS = 20

/**
 * A bracket around each wait, and one timer for the nearest mark in it. The time the caller is waited for (an async
 * callback at work, a reader that has not asked for more) does not count, so a slow consumer never looks like a slow
 * server; only the marks of the whole reply are looked at then. When the timer fires too early because deltas have come since, it is set again. Nothing is re-armed per chunk
 * and the time is read once per read, because that is a tenth of what a read costs.
 */
export class Alarm {
  /** Why a mark that has passed may not mean what it says. */
  readonly grace: Grace = new Grace()
  /** ms spent in brackets; all marks are on this scale. */
  waited = 0
  /** What {@link waited} was when something came last. */
  arrivedAt = 0
  #isWaiting = false
  /** The last time the clock was read. */
  #readAt = 0
  #hadTurn = false
  #graceMs = 0
  readonly #beganAt = now()
  /** ms the machine slept, as far as the monotonic clock does not know. */
  #slept = 0
  /** Whether the timer was set for a wait for the caller. */
  #isForHold = false
  /** Marks that count whoever is waited for, and those of the phase at hand. */
  #always: () => readonly Mark[] = NONE
  #marks: () => readonly Mark[] = NONE
  #what = ''
  #onBack: () => void = () => {}
  #unwatch: (() => void) | undefined
  #disarm: (() => void) | undefined

  /** @param graceMs - the longest grace; `0` leaves it to {@link Grace}. */
  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  /** These marks count in every wait, also in those for the caller. */
  always(marks: () => readonly Mark[]): void {
    this.#always = marks
  }

  /**
   * From now on these marks count. A phase can bring a nearer one than the timer was set for: the next bracket sets it
   * anew.
   *
   * @param what - what is waited for, in words.
   * @param onBack - told when the page is back, from wherever it was.
   */
  watch(what: string, marks: () => readonly Mark[], onBack: () => void = () => {}): void {
    this.#what = what
    this.#marks = marks
    this.#onBack = onBack
    this.#disarm?.()
    this.#disarm = undefined
    this.#unwatch ??= watchPage({
      onAway: () => this.grace.left(this.time()),
      onBack: () => this.#returned(),
      onLeaving: () => this.grace.leaving(this.time()),
    })
  }

  /** Opens the bracket: from here to {@link arrived} the clocks run. Returns the promise it was given. */
  waiting<T>(promise: Promise<T>): Promise<T> {
    this.#isWaiting = true
    if (!this.#disarm || this.#isForHold) this.arm()
    return promise
  }

  /** The caller is waited for, until {@link resumed}. */
  hold(): void {
    if (!this.#disarm) this.arm()
  }

  /** Closes the bracket: something came. Returns the monotonic time. */
  arrived(): number {
    const time = now()
    if (this.#isWaiting) this.waited += time - this.#readAt
    this.#readAt = time
    this.#isWaiting = this.#hadTurn = false
    this.arrivedAt = this.waited
    return time
  }

  /** The caller was waited for: the time since {@link arrived} does not count. */
  resumed(): void {
    this.#readAt = now()
  }

  /** Whether a bracket is open, that is: whether what was thrown was thrown by the network. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** What the network, or the next attempt, is waited for; `undefined` while it is the caller who is. */
  get what(): string | undefined {
    return this.#isWaiting ? this.#what : undefined
  }

  /** ms since the reply began, whoever was waited for. */
  get elapsed(): number {
    return now() - this.#beganAt + this.#slept
  }

  /** How long the caller has been waited for, in ms. */
  get heldMs(): number {
    return this.#isWaiting ? 0 : now() - this.#readAt
  }

  /** A time since the reply began on the scale of the marks, as it stands now. */
  onScale(elapsed: number): number {
    return this.time() + elapsed - this.elapsed
  }

  /** The time on the scale of the marks. */
  time(): number {
    return this.#isWaiting ? this.waited + now() - this.#readAt : this.waited
  }

  /** Sets the timer for the nearest mark. */
  arm(): void {
    const { at } = this.#nearest()
    this.grace.stamp()
    this.#disarm?.()
    this.#isForHold = !this.#isWaiting
    this.#disarm =
      at < Number.POSITIVE_INFINITY ? schedule(Math.max(1, at - this.time()), () => this.#fire()) : undefined
  }

  /** No more waits for now: leaves no timer behind. */
  rest(): void {
    this.arrived()
    this.#disarm?.()
    this.#unwatch?.()
    this.#disarm = this.#unwatch = undefined
  }

  #fire(): void {
    this.#disarm = undefined
    const time = this.time()
    const mark = this.#nearest()
    if (time < mark.at) this.arm()
    else if (!mark.isHard || this.#hadTurn) mark.due()
    else if (this.grace.isDue(mark, time)) this.#giveGrace([mark])
    else if (time - mark.at > LATE_MS) this.#giveTurn()
    else mark.due()
  }

  #giveTurn(): void {
    this.#hadTurn = true
    this.#disarm = schedule(TURN_MS, () => this.#fire())
  }

  #giveGrace(overdue: readonly Mark[]): void {
    this.grace.give(overdue, this.elapsed, this.#graceMs)
    this.arm()
  }

  /** What is overdue by now gets a grace, and then no other. */
  #returned(): void {
    this.grace.heldUntil = 0
    this.#onBack()
    const slept = this.grace.sleptMs()
    this.#slept += slept
    this.grace.stamp()
    if (!this.#isWaiting) return
    this.waited += slept
    const time = this.time()
    this.#giveGrace(this.#all().filter(({ at, limit, isHard }) => limit > 0 && isHard && at <= time))
  }

  #all(): readonly Mark[] {
    return this.#isWaiting ? [...this.#always(), ...this.#marks()] : this.#always()
  }

  #nearest(): Mark {
    return this.#all().reduce(
      (nearest, mark) => (mark.limit > 0 && mark.at < nearest.at ? mark : nearest),
      NEVER,
    )
  }
}

const NONE = (): readonly Mark[] => []
const NEVER: Mark = Object.freeze({
  clock: 'never',
  at: Number.POSITIVE_INFINITY,
  limit: 0,
  isHard: false,
  due() {},
})
