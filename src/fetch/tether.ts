/** An abort that reaches a response which nobody watches. */

const controllers = /* @__PURE__ */ new WeakMap<object, AbortController>()
const gone = /* @__PURE__ */ new FinalizationRegistry<() => void>((forget) => forget())

/**
 * Ends the body of a response with the caller's signal, as `fetch` does, for as long as somebody has it. A signal may live as
 * long as its process: nothing stays with it of what is gone.
 */
export function tether(
  signal: AbortSignal | undefined,
  { body }: Response,
  controller: AbortController | undefined,
): void {
  if (!signal || !body || !controller) return
  controllers.set(body, controller)
  const held = new WeakRef(controller)
  const abort = (): void => held.deref()?.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  gone.register(body, () => signal.removeEventListener('abort', abort))
}
