/** What the package's entry hands in: a call resolved, and a transcript kept, as `holdfast` does it. */
import { Transcript } from '../../src/answer/transcript.ts'
import { auto } from '../../src/dialects/auto.ts'
import type { Context } from '../../src/options.ts'
import { Budget } from '../../src/policy/budget.ts'
import { failover } from '../../src/request/several.ts'
import { recovery } from '../../src/run/recovery.ts'

export const everything: Context = {
  dialect: auto,
  recovering: recovery,
  failover,
  newBudget: (options) => new Budget(options),
}

/** A transcript that compares what comes with what there was. */
export function comparing(
  maxAnswerChars = 0,
  from?: ConstructorParameters<typeof Transcript>[2],
): Transcript {
  return new Transcript(maxAnswerChars, recovery.replay, from)
}
