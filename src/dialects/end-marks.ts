import type { ServerEvent } from '../events.ts'
import { END_KIND } from './event-kinds.ts'
import { objectIn } from './values.ts'

// How others write [DONE], and what tokenizers call an end. Where an event is a word of the answer it may be one.
const MARK =
  /^\s*(\[{1,2}(done|end|eos|finished|complete[d]?)\]{1,2}|<\|(endoftext|im_end|eot_id)\|>|<\/s>)\s*$/i
const MARK_CHARS = 32

/** Whether an event says that the stream is over in another word than `[DONE]`. */
export function isEndMark({ data }: ServerEvent): boolean {
  return data.length < MARK_CHARS && MARK.test(data)
}

/** Whether an event says so by its name, and nothing else. */
export function isNamedEnd({ event, data }: ServerEvent): boolean {
  return event !== undefined && END_KIND.test(event) && !objectIn(data)
}
