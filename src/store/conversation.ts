import type { Checkpoint } from '../answer/checkpoint.ts'
import { Transcript } from '../answer/transcript.ts'
import { lastWord } from '../callbacks.ts'
import { expect } from '../checks.ts'
import { consent } from '../dom/consent.ts'
import { nextFrame } from '../dom/frame.ts'
import { CallbackError, type StreamFailure } from '../errors/errors.ts'
import { type Answer, nothing } from '../events.ts'
import type { Reply } from '../reply.ts'
import { schedule } from '../time/clock.ts'
import type { Ask, AskOptions, Conversation, ConversationOptions, ConversationState } from './contract.ts'
import type { Message, SavedConversation, Turn } from './turn.ts'
import { inWords } from './words.ts'

/** Begins a conversation. Nothing is sent before the first question. */
export function createConversation(options: ConversationOptions): Conversation {
  return new Talk(options)
}

type Tell = (change: Partial<ConversationState>, evidence?: unknown) => void

class Talk implements Conversation {
  readonly #options: ConversationOptions
  readonly #listeners = new Set<() => void>()
  /** All but the answer at hand. */
  #history: readonly Turn[]
  /** Where an answer is to go on as soon as somebody wants to see it. */
  #from: Checkpoint | undefined
  #reply: Reply | undefined
  #state!: ConversationState
  /** Makes a snapshot of what has arrived since the last one. */
  #paint!: () => void
  /** There because that waits for a frame. */
  #calledOff: (() => void) | undefined

  constructor(options: ConversationOptions) {
    const { messages = [], from } = options.initial ?? {}
    this.#options = options
    this.#from = from
    this.#history = messages.slice(0, from && -1)
    const answer = (from && messages.at(-1)?.answer) || nothing
    this.#change({ status: from ? 'asking' : 'idle', attempts: 1, answer })
  }

  readonly getSnapshot = (): ConversationState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#goOn()
    // One function may have been given twice.
    const told = () => listener()
    this.#listeners.add(told)
    return () => {
      this.#listeners.delete(told)
      schedule(0, () => this.#options.keepUnseen || this.#listeners.size || this.#reply?.cancel())
    }
  }

  readonly ask = (...messages: readonly (string | Message)[]): void => {
    const said = messages.map((each) => {
      const message = typeof each === 'string' ? { role: 'user', content: each } : { ...each }
      // A button that was given this function hands its event in.
      expect('message', message.role, 'have a role', each)
      return message
    })
    // An answer of which nothing has come is nothing to send: some providers refuse it. One with tool calls of the
    // caller's, or with parts, may have no text.
    const before = this.#turns().filter(
      ({ content, role, answer, ...more }) =>
        content || role !== 'assistant' || answer?.toolCalls.length || Object.keys(more).length,
    )
    this.#begin([...before, ...said])
  }

  readonly regenerate = (): void => {
    const turns = this.#turns()
    this.#begin(turns.slice(0, turns.findLastIndex(({ role }) => role !== 'assistant') + 1))
  }

  readonly stop = (): void => {
    this.#turns()
    // Of one that nobody has seen go on yet its server has to be told, too.
    this.#goOn()
    if (this.#state.isBusy) this.#reply?.stop()
  }

  readonly clear = (): void => this.#begin([], undefined, () => undefined)

  readonly save = (): SavedConversation => {
    const messages = this.#turns()
    return { messages, from: this.#state.isBusy ? (this.#from ?? this.#reply?.checkpoint()) : undefined }
  }

  #goOn(): void {
    try {
      if (this.#from) this.#begin(this.#history, this.#from)
    } catch (thrown) {
      // By a checkpoint of an older page, say. Who subscribes is a framework, which takes its page down for what is thrown.
      this.#from = undefined
      this.#change({ status: 'failed' }, new CallbackError('ask', thrown))
    }
  }

  /** All that was said, what has arrived in this very moment included. */
  #turns(): readonly Turn[] {
    if (this.#calledOff) this.#paint()
    return this.#state.messages
  }

  #begin(history: readonly Turn[], from?: Checkpoint, ask: Ask = this.#options.ask): void {
    const messages = history.map(({ answer: _, ...message }) => message)
    const known = from ? this.#state.answer : nothing
    // Of an answer that another one has taken the place of nothing is told any more.
    const tell: Tell = (...told) => reply === this.#reply && this.#change(...told)
    const options: AskOptions = {
      from,
      onOpen: () => tell({ status: 'asking' }),
      onRetry: (retry) => {
        // What has just come is shown while it is waited.
        this.#turns()
        tell({ status: 'retrying', attempts: retry.attempt }, retry)
      },
    }
    const reply = ask(messages, options, history) || undefined
    if (reply) consent('ask()', reply)
    this.#from = undefined
    this.stop()
    this.#history = history
    this.#reply = reply
    // Before anybody is told, for a listener may ask again.
    if (reply) void this.#read(reply, known, tell)
    // What was restored stays to be seen, though nobody goes on with it.
    tell({ status: reply ? 'asking' : from ? 'stopped' : 'idle', attempts: 1, answer: known })
  }

  async #read(reply: Reply, known: Answer, tell: Tell): Promise<void> {
    const transcript = new Transcript(0)
    // What a reader has seen before a reload stays until there is more of it.
    const sofar = (answer: Answer): Answer => (answer.text.length < known.text.length ? known : answer)
    this.#paint = () => tell({ status: 'streaming', answer: sofar(transcript.snapshot()) })
    try {
      for await (const delta of reply) {
        transcript.add(delta)
        if (reply === this.#reply) this.#calledOff ??= nextFrame(this.#paint)
      }
      tell({ status: 'done', answer: await reply.answer() })
    } catch (thrown) {
      const error = thrown as StreamFailure
      const status = error.code === 'aborted' ? 'stopped' : 'failed'
      tell({ status, answer: sofar(error.answer) }, error)
    }
  }

  #change(change: Partial<ConversationState>, evidence?: unknown): void {
    this.#calledOff?.()
    this.#calledOff = undefined
    const state = { ...this.#state, ...change }
    const { status, answer, attempts } = state
    this.#state = {
      ...state,
      error: status === 'failed' ? (evidence as StreamFailure) : undefined,
      isBusy: status.endsWith('ing'),
      attempts: status === 'idle' ? 0 : answer.stats.attempts.length || attempts,
      words: inWords(this.#options.words, status, evidence),
      messages:
        status === 'idle'
          ? this.#history
          : [...this.#history, { role: 'assistant', content: answer.text, answer }],
    }
    // One that throws is reported, and keeps the others from nothing; one that comes meanwhile knows already.
    new Set(this.#listeners).forEach(lastWord)
  }
}
