/** Which responses can be watched, and what there is to see. */
import type { Asked } from './asked.ts'

const STREAMS = /event-stream|ndjson|jsonl|json-?lines|stream\+json|json-seq/i
// What nobody streams an answer in; Amazon's and AG-UI's own frames are binary.
const DOCUMENTS = /^(audio|image|video|font|multipart)\/|pdf|zip|eventstream|proto/i

/** Whether a response is a redirect that was not followed; a page is not shown where it leads. */
export function isRedirect({ headers, ok, status, type }: Response): boolean {
  return type === 'opaqueredirect' || (!ok && status < 400 && headers.has('location'))
}

/** Whether a response is, or should be, a stream that can be watched. */
export function isWatched({ headers, status, body }: Response, { wants }: Asked): boolean {
  const type = headers.get('content-type') ?? ''
  if (!body || status === 204 || status === 205) return false
  if (STREAMS.test(type)) return true
  if (wants === 'stream') return !DOCUMENTS.test(type)
  return wants === 'either' && /^text\/html\b/i.test(type)
}
