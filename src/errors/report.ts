/** Tells of an error that nobody else will hear of, like any uncaught one; no process ends of it. */
export function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}
