/** Calls a function of the house's own: what it throws, or rejects with, is written to the console and hurts no answer. */
export async function told(call: () => unknown): Promise<void> {
  try {
    await call()
  } catch (error) {
    console.error('holdfast/relay:', error)
  }
}
