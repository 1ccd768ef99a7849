import type { Dialect, Verdict } from './dialect.ts'
import { brokenOff } from './reasons.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import type { Teller } from './teller.ts'
import type { CallFacts } from './told-call.ts'
import { type Raw, textOf, wordOf } from './values.ts'

/** A tool that the model's provider runs itself is not for the caller to call. */
function call(event: Raw, tell: Teller, told: (facts: CallFacts) => Verdict): Verdict {
  const { toolCallId: id, toolName: name, input, inputTextDelta } = event
  const own = `own ${textOf(id)}`
  if (event.providerExecuted === true) tell.notes.add(own)
  return tell.notes.has(own) ? 'active' : told({ id, name, args: input ?? inputTextDelta })
}

const piece: EventMeaning = (event, tell) => call(event, tell, (facts) => tell.call(facts.id, facts))
const whole: EventMeaning = (event, tell) => call(event, tell, (facts) => tell.wholeCall(facts.id, facts))

const TABLE: Table = {
  name: 'ui-messages',
  kinds: {
    start: (event, tell) => tell.sign({ id: event.messageId }),
    'start-step': (_event, tell) => tell.mark(),
    'text-delta': (event, tell) => tell.text(event.delta ?? event.text ?? event.textDelta),
    'reasoning-delta': (event, tell) => tell.reasoning(event.delta ?? event.text),
    'tool-input-start': piece,
    'tool-input-delta': piece,
    'tool-input-available': whole,
    'tool-input-error': whole,
    'reset-step': (_event, tell) => tell.takeBack(),
    finish: (event, tell) => tell.finish(wordOf(event.finishReason)),
    abort: () => brokenOff('cancelled'),
  },
  // Sources, files, what tools put out, and what a server adds as `data-…`: to be had by `onEvent`.
  other: ({ type }) =>
    /^(text|reasoning|tool|source|data|file|finish|message|custom|steering)\b/.test(textOf(type))
      ? 'active'
      : 'foreign',
  done: (tell) => tell.end(),
}

/**
 * The AI SDK's UI message stream, version 1: what `toUIMessageStreamResponse()` writes and `useChat` reads. An answer is
 * whole with `finish`, or with `[DONE]`; a step that is reset is taken back.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 */
export const uiMessages: Dialect = /* @__PURE__ */ tableDialect(TABLE)
