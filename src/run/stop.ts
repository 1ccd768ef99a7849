import { askHeaders } from '../request/headers.ts'
import { send } from '../request/transport.ts'
import { release } from '../wire/body.ts'
import { requestAt } from './address.ts'
import type { Standing } from './run.ts'

/** Tells the server that nobody wants the answer any more: `DELETE` to its address. */
export async function stop({ plan, transcript, cursor }: Standing): Promise<void> {
  const endpoint = plan.endpoints.find(({ url }) => url === cursor?.url)
  if (!cursor?.address || !endpoint || cursor.isStopped || transcript.isFinished) return
  cursor.isStopped = true
  const { options, ...request } = requestAt(cursor.address, 'DELETE', endpoint.request)
  const attempt = transcript.stats.attempts.length
  const headers = await askHeaders(request.headers, { attempt, error: undefined })
  // The page may be on its way out.
  const lasting = { ...request, options: { ...options, keepalive: true } }
  const { response } = await send(lasting, headers, undefined, plan.transport)
  release(response.body)
}
