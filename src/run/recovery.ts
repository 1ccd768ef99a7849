/** How a reply goes on once output was handed out and its stream is lost: resumed, or replayed. */
import { checkpointFault } from '../answer/checkpoint.ts'
import { ResumeCursor } from '../answer/cursor.ts'
import { isStart, placeOf, Replay, START } from '../answer/replay.ts'
import { type StreamFailure, TruncatedError } from '../errors/errors.ts'
import { addressOf, homeOf } from './address.ts'
import { waitFor } from './receive.ts'
import { canResume, checkpointOf, ownRest, textOf, usualRest } from './resume-request.ts'
import { type Failure, retryState } from './retry-state.ts'
import type { Recovering } from './run.ts'
import { stop } from './stop.ts'
import { Tracker } from './tracker.ts'

/** Brings resumption, replay and checkpoints. Without it a stream that breaks after output has failed. */
export const recovery: Recovering = {
  checkpointFault,
  checkpointOf,
  cursor({ from, endpoints }) {
    const cursor = new ResumeCursor()
    if (from?.version === 1) cursor.begin(from.url, from.position, from.position?.place ?? placeOf(from))
    else if (from) {
      // A checkpoint may come from a storage that others write to: it leads nowhere else.
      const home = homeOf(from.url, endpoints)
      if (home) {
        cursor.begin(home.url, { place: START, ...from.position })
        cursor.address = from.url
        cursor.isKept = true
      }
    }
    return cursor
  },
  opened({ cursor }, { request }, response) {
    if (cursor) cursor.address = addressOf(response, request, cursor.address)
  },
  interrupted(run, { endpoint }) {
    const { cursor } = run
    // Whatever this was: its end may be still to come.
    const goesOn = cursor?.source && canResume(run, endpoint, cursor.position)
    return goesOn ? new TruncatedError('The stream ended without the end marker') : undefined
  },
  stop,
  replay(known, from, before) {
    // A stream that goes on at the beginning may as well be another answer.
    if (!from || isStart(from)) return new Replay(known)
    return new Replay(known, from, before?.own ?? placeOf(known))
  },
  begin({ cursor, transcript }, url, mode, position) {
    if (mode === 'anew') {
      cursor?.begin(url)
      return
    }
    const place = position?.place ?? placeOf(transcript.live)
    transcript.goOnAt(place)
    cursor?.begin(url, position ?? {}, place)
  },
  track: ({ cursor, transcript }, position) => cursor && new Tracker(cursor, transcript, position),
  canResume,
  async start(run) {
    const { plan, scope, transcript, cursor, listeners } = run
    const { from, endpoints, recovery } = plan
    if (!from) return undefined
    const known = endpoints.findIndex(({ url }) => url === cursor?.url)
    const state = retryState(endpoints.length, known)
    await waitFor(run, scope, listeners.greet())
    const position = known < 0 ? undefined : cursor?.position
    const endpoint = endpoints[state.rotation.at]
    // To read an answer at its address is no way to go on: it is what was asked for.
    if (endpoint && (cursor?.isKept || canResume(run, endpoint, position)))
      return { ...state, mode: 'resume', position }
    if (listeners.haveHeard && !listeners.canRewind && recovery !== 'replay')
      throw new TruncatedError(
        'The checkpoint said nothing it could go on from, and nobody agreed to have it taken back (recovery, onRewind or render)',
      )
    transcript.beginAnew()
    return state
  },
  async restFor(run, endpoint, { position, error }) {
    const { plan, scope, alarm, pause } = run
    if (plan.resume) {
      const asked = ownRest(plan.resume, endpoint.request, textOf(run), error)
      const own = await scope.race(pause.caller('resume', asked))
      alarm.arrived()
      if (own) return own
    }
    return usualRest(run, endpoint, position) ?? declined(error)
  },
}

function declined(before: StreamFailure | undefined): Failure {
  const message = "The caller's resume gave no request"
  const error = before ?? new TruncatedError(message)
  return { error, was: 'declined', position: undefined, retryMs: 0, isShared: false }
}
