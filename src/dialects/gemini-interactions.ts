import { errorOf } from '../errors/provider-error.ts'
import { continuedAt } from './continued.ts'
import type { Dialect } from './dialect.ts'
import { type EventMeaning, type Table, tableDialect } from './table.ts'
import { indexOf, isRaw, type Raw, rawsIn, textOf, wordOf } from './values.ts'

const begin: EventMeaning = ({ interaction }, tell) => {
  if (!isRaw(interaction)) return 'more'
  tell.memory.id = wordOf(interaction.id) ?? null
  return tell.sign(interaction)
}

/** A step, or a content as they were called first: thoughts, text, calls, and what the provider's own tools do. */
const stepBegins: EventMeaning = (event, tell) => {
  const step = firstRaw(event.step, event.content)
  if (step.type === 'function_call') tell.call(placeOf(event), { id: step.id, name: step.name })
  if (isRaw(step.arguments) && Object.keys(step.arguments).length > 0)
    tell.call(placeOf(event), { args: step.arguments })
  if (step.type === 'text' || step.type === 'model_output') tell.text(step.text)
  return 'active'
}

const stepGoesOn: EventMeaning = (event, tell) => {
  const delta = firstRaw(event.delta)
  switch (delta.type) {
    case 'text':
      tell.text(delta.text)
      return 'more'
    case 'thought':
    case 'thought_summary':
      tell.reasoning(isRaw(delta.content) ? delta.content.text : (delta.thought ?? delta.text))
      return 'active'
    case 'function_call':
      tell.wholeCall(placeOf(event), { id: delta.id, name: delta.name, args: delta.arguments })
      return 'more'
    case 'arguments_delta':
      tell.call(placeOf(event), { args: delta.arguments ?? delta.partial_arguments })
      return 'more'
    default:
      return 'active'
  }
}

const ends: EventMeaning = ({ interaction }, tell) => {
  const { status, usage, outputs } = firstRaw(interaction)
  // The first version of the API says all of it at the end.
  const parts = rawsIn(outputs).filter(({ type }) => type === 'text')
  tell.wholeText(parts.map((part) => textOf(part.text)).join(''))
  tell.usage(usage)
  if (status === 'failed') return errorOf(interaction)
  const raw = wordOf(status) ?? 'completed'
  return tell.end(MEANT.get(raw) ?? raw)
}

const MEANT = new Map([
  ['requires_action', 'tool_calls'],
  ['incomplete', 'max_tokens'],
])

function firstRaw(...values: readonly unknown[]): Raw {
  return values.find(isRaw) ?? {}
}

function placeOf({ index }: Raw): string {
  return String(indexOf(index))
}

const TABLE: Table = {
  name: 'gemini-interactions',
  kindOf: ({ event_type: kind }) => kind,
  before: ({ event_id: id }, { memory }) => {
    if (wordOf(id)) memory.last = id
  },
  kinds: {
    'interaction.created': begin,
    'interaction.start': begin,
    'step.start': stepBegins,
    'content.start': stepBegins,
    'step.delta': stepGoesOn,
    'content.delta': stepGoesOn,
    'interaction.completed': ends,
    'interaction.complete': ends,
  },
  other: ({ event_type: kind }) =>
    /^(interaction|step|content)\./.test(textOf(kind)) ? 'active' : 'foreign',
  resume: (url, { id, last }) =>
    wordOf(last) ? continuedAt(url, id, { last_event_id: textOf(last) }) : undefined,
}

/**
 * Gemini's Interactions API. An answer is whole with `interaction.completed`. One that broke is gone on with by the id of
 * its interaction and of its last event.
 *
 * @see https://ai.google.dev/gemini-api/docs/interactions
 */
export const geminiInteractions: Dialect = /* @__PURE__ */ tableDialect(TABLE)
