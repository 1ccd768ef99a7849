import { ProtocolError, type StreamError } from '../errors/errors.ts'
import type { Delta, ServerEvent } from '../events.ts'
import type { Dialect, DialectReader, Verdict } from './dialect.ts'
import { isNamedEnd } from './end-marks.ts'
import { BESIDE_KIND, END_KIND, TEXT_KIND, THOUGHT_KIND } from './event-kinds.ts'
import { type ObjectReader, readObjects } from './json.ts'
import { anyCountsIn } from './other-usage.ts'
import { ownError, withErrors } from './own-errors.ts'
import { finish, rawReasonOf } from './reasons.ts'
import { Said, saidOnce } from './said.ts'
import {
  CLOSED,
  isDone,
  isPingObject,
  isRaw,
  pushText,
  type Raw,
  saidOf,
  textOf,
  valueIn,
  wordOf,
} from './values.ts'

/** What servers of one's own call the text of an event. */
const FIELDS = ['content', 'text', 'delta', 'token', 'chunk', 'answer', 'response', 'message']
/** Of these a number, too, is text; of the others it is a place or a count. */
const DIGITS = /^(content|text|answer|response)$/
/** What says that the answer ends here, with `true`; of a number only those that are no place or count. */
export const END_FLAG: RegExp = /^(is_?)?(done|finish(ed)?|final|eos|end|stop|complete[d]?|last)$/i
const END_NUMBER = /^(is_?)?(done|finish(ed)?|final|eos)$/i
/** What says who speaks, not what is said. */
const ABOUT =
  /(^|_)id$|Id$|^(p|type|event|object|role|model|name|kind|status|state|created(_at)?|time(stamp)?|lang(uage)?|session|conversation|version|usage)$/

/** The one field of an object that carries text; `undefined`: none, or it is not clear which. */
export function fieldOf(object: Raw): string | undefined {
  // Beside a code a message says how things stand.
  const isSaid = (name: string): boolean => name !== 'message' || !('code' in object)
  const isText = (name: string, kind: string): boolean =>
    kind === 'string' || (kind === 'number' && DIGITS.test(name))
  const fields = FIELDS.filter((name) => isText(name, typeof object[name]) && isSaid(name))
  return fields.length === 1 ? fields[0] : undefined
}

/** Whether an event may be the first of a plain JSON server. */
export function isPlainJson(object: Raw, { event = '' }: ServerEvent): boolean {
  const kind = kindOf(object, event)
  // SGLang's own, of which each event may bring all there is so far.
  if (isRaw(object.meta_info)) return false
  return fieldOf(object) !== undefined && (TEXT_KIND.test(kind) || THOUGHT_KIND.test(kind))
}

/** Whether somebody else says it: who asks, a tool. */
export function isOthers({ role }: Raw): boolean {
  return typeof role === 'string' && !/^(|assistant|ai|bot|model|agent)$/i.test(role)
}

/** Whether an object says nothing of an answer: who speaks, what was used, what an answer rests on. */
export function isAbout(object: Raw): boolean {
  return Object.keys(object).every((name) => wordOf(object[name]) === undefined || ABOUT.test(name))
}

function kindOf({ type, event }: Raw, name: string): string {
  return wordOf(type) ?? wordOf(event) ?? name
}

/**
 * A server of one's own: `{"content":"Hel"}`, `{"text":"lo"}` and the like, where the same single field carries the text
 * of every event. The answer ends with `[DONE]`, with `done: true` or `finished: true`, or with an event named `done` or
 * `end`. An event that does not fit ends the reply: half an answer is not called whole.
 */
export const jsonEvents: Dialect = {
  name: 'json-events',
  open: (state) => new JsonEventsReader(isRaw(state) ? state : {}),
}

class JsonEventsReader implements DialectReader {
  #field: string | undefined
  readonly #said: Said
  #sent: ServerEvent = { data: '' }

  constructor({ field, said }: Raw) {
    this.#field = wordOf(field)
    this.#said = new Said(isRaw(said) ? said : {})
  }

  state(): unknown {
    return this.#field === undefined ? undefined : { field: this.#field, said: this.#said.state }
  }

  read(event: ServerEvent, deltas: Delta[]): Verdict {
    this.#sent = event
    const failure = ownError(event)
    if (failure) return failure
    // Some serialisers put the marker into quotes; some name the event, and say nothing in it.
    if (isEnd(event)) return this.done(deltas)
    const verdict = readObjects(event.data, this, deltas)
    // Text that is no JSON may be of the answer, unless the event says that it is something else.
    const isOfAnswer = verdict === 'malformed' && TEXT_KIND.test(event.event ?? '')
    return isOfAnswer && this.#field !== undefined ? this.#misfit() : verdict
  }

  done(deltas: Delta[]): Verdict {
    return finish(undefined, deltas) ?? 'end'
  }

  take(object: Raw, deltas: Delta[]): Verdict {
    const kind = kindOf(object, this.#sent.event ?? '')
    const field = fieldOf(object)
    const isEndKind = END_KIND.test(kind)
    const raw = rawReasonOf(
      object.finish_reason ??
        object.finishReason ??
        object.stop_reason ??
        object.stop_type ??
        (isEndKind ? object.reason : undefined),
    )
    const isLast = isEndKind || raw !== undefined || this.#isOver(object)
    this.#field ??= field
    if (field !== undefined && this.#field !== field) return this.#misfit()
    if (isRaw(object.usage)) deltas.push({ type: 'usage', usage: anyCountsIn(object.usage) })
    if (field === undefined && !isLast) return this.#readOther(object)
    if (!isLast && isOthers(object)) return 'active'
    const text = saidOf(field === undefined ? undefined : object[field])
    const rest = this.#said.restOf(text, kind, isLast)
    const isAgain = rest !== undefined
    if (isAgain) this.#said.complete(rest, deltas)
    const isThought = THOUGHT_KIND.test(kind)
    if (!isLast && !isThought && !TEXT_KIND.test(kind))
      return text === '' || isAgain ? 'active' : this.#misfit()
    this.#said.think(object.reasoning ?? object.reasoning_content ?? object.thinking, deltas)
    if (isThought) this.#said.think(text, deltas)
    const error = isThought || isAgain ? undefined : this.#said.add(text, kind, deltas)
    if (error) return error
    return isLast ? (finish(raw, deltas) ?? 'end') : 'more'
  }

  #isOver(object: Raw): boolean {
    const names = Object.keys(object)
    // A state that nothing stands beside is the answer's, once there is one.
    const isState = this.#field !== undefined && names.length === 1
    if (isState && END_KIND.test(textOf(object.status ?? object.state))) return true
    return names.some((name) => {
      const value = object[name]
      if (value === true || value === 'true') return END_FLAG.test(name)
      return value === 1 && END_NUMBER.test(name)
    })
  }

  /** An event without text: it may say who speaks, or what was used; but if it says anything else, that is missing. */
  #readOther(object: Raw): Verdict {
    if (isPingObject(object)) return 'ping'
    if (this.#field === undefined || !(isAbout(object) || isThought(object)))
      return this.#field ? this.#misfit() : 'foreign'
    return 'active'
  }

  #misfit(): StreamError {
    const advice = 'a function can say what each event means: dialect: (event) => …'
    return new ProtocolError(
      `Text was in ${JSON.stringify(this.#field)}, and then came an event of another kind; ${advice}`,
    )
  }
}

function isThought(object: Raw): boolean {
  return ['reasoning', 'reasoning_content', 'thinking'].some((name) => typeof object[name] === 'string')
}

function isEnd(sent: ServerEvent): boolean {
  return sent.data === CLOSED || isDone(sent.data) || isNamedEnd(sent)
}

/** A server of one's own that sends each piece of text as a JSON string: `data: "Hel"`. It ends as {@link jsonEvents} does. */
export const jsonStrings: Dialect = /* @__PURE__ */ withErrors(
  /* @__PURE__ */ saidOnce({
    name: 'json-strings',
    open: () => ({
      read(event, deltas) {
        const value = valueIn(event.data)
        const { event: name = '' } = event
        const isNamedEnd = isRaw(value) && END_KIND.test(name)
        if (isNamedEnd) return finish(rawReasonOf(value.reason), deltas) ?? 'end'
        if (isEnd(event)) return finish(undefined, deltas) ?? 'end'
        // What is JSON, but no text, is none of the answer.
        if (value !== undefined && typeof value !== 'string')
          return readObjects(event.data, NOTHING_ELSE, deltas)
        if (BESIDE_KIND.test(name)) return 'active'
        pushText(deltas, THOUGHT_KIND.test(name) ? 'reasoning' : 'text', value ?? event.data)
        return 'more'
      },
    }),
  }),
)

const NOTHING_ELSE: ObjectReader = { take: () => 'foreign' }
