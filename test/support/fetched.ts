/** What somebody reads over a `fetch`. */
import type { StreamFailure } from '../../src/index.ts'

/** All that a body brings, and what it ends with. */
export async function readAll(
  response: Response,
): Promise<{ readonly bytes: Buffer; readonly text: string; readonly error: StreamFailure | undefined }> {
  const pieces: Uint8Array[] = []
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let error: StreamFailure | undefined
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) pieces.push(part.value)
  } catch (thrown) {
    error = thrown as StreamFailure
  }
  const bytes = Buffer.concat(pieces)
  return { bytes, text: bytes.toString(), error }
}

/** How a chat is asked for. */
export const CHAT: RequestInit = {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify({ model: 'm', stream: true, messages: [] }),
}
