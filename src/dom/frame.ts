import { schedule } from '../time/clock.ts'

// Frames stop in a hidden tab, and the reader of a screen reader's buffer or of a second window still wants text.
const HIDDEN_MS = 250

/** The next frame, or a moment later where no frame comes (a hidden tab); the function it returns calls both off. */
export function nextFrame(action: () => void): () => void {
  const frame = typeof requestAnimationFrame === 'function' ? requestAnimationFrame(action) : undefined
  const stop = schedule(HIDDEN_MS, action)
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame)
    stop()
  }
}
