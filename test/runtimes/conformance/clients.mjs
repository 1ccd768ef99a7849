/** What many replies share, and who is asked. */
import { failureOf, quick, refusal, said, same, sure, until, whole } from './wire.mjs'

const KEY = 'sk-proj-4f9a8b7c6d5e3210'

/** @type {import('./wire.mjs').Checks} */
export const CLIENTS = {
  async 'another server answers, and is not given the first one’s key'({ library, play }) {
    const [first, second] = [await play(refusal(503, {})), await play(whole('Hold fast.'))]
    const { text, stats } = await library
      .stream('', {
        ...{ ...quick, headers: { authorization: `Bearer ${KEY}` } },
        endpoints: [{ url: first.url }, { url: second.elsewhere, json: { model: 'other' } }],
      })
      .answer()
    same([text, stats.attempts.map(({ status }) => status)], ['Hold fast.', [503, 200]])
    const [[asked], [other]] = [await first.told(), await second.told()]
    same([asked?.headers.authorization, asked?.body], [`Bearer ${KEY}`, '{"stream":true}'])
    same([other?.headers.authorization ?? '', other?.body], ['', '{"stream":true,"model":"other"}'])
  },

  async 'a request with a key follows no redirect'({ library, play }) {
    const target = await play(whole('Hold fast.'))
    /** @type {import('./wire.mjs').Script} */
    const moved = { status: 307, headers: { location: new URL(target.url).pathname }, steps: ['END'] }
    const { url, told } = await play(moved)
    const headers = { 'x-api-key': KEY }
    const error = await failureOf(library.stream(url, { ...quick, headers }).answer())
    same(error, { code: 'protocol', retryable: false, attempts: 1 })
    sure(/redirected/.test(error.message) && /not followed/.test(error.message), error.message)
    same([(await told()).length, (await target.told()).length], [1, 0])
    const free = await play(moved)
    same(await library.stream(free.url, quick).text(), 'Hold fast.')
  },

  async 'maxConcurrent lets replies wait in their order'({ library, play }) {
    const { url, told, seen } = await play(
      { steps: [said('a'), 'SEEN', ...(whole('').steps ?? [])] },
      whole('b'),
      whole('c'),
    )
    const places = /** @type {string[]} */ ([])
    const ai = library.createClient({ maxConcurrent: 1 })
    const replies = ['one', 'two', 'three'].map((name) =>
      ai.stream(url, { json: name, onQueued: ({ place }) => void places.push(`${name} ${place}`) }),
    )
    await until(told, ({ length }) => length === 1)
    same(places, ['two 1', 'three 2'])
    seen()
    same(await Promise.all(replies.map((reply) => reply.text())), ['a', 'b', 'c'])
    same(
      (await told()).map(({ body }) => body),
      ['"one"', '"two"', '"three"'],
    )
  },

  async 'a breaker opens after failures, sends nothing, and closes with a probe'({ library, play }) {
    const states = /** @type {string[]} */ ([])
    const ai = library.createClient({
      retry: false,
      breaker: { failures: 2, cooldownMs: 800, onStateChange: ({ to }) => void states.push(to) },
    })
    const { url, told } = await play(refusal(503, {}), refusal(503, {}), whole('Hold fast.'))
    for (const code of ['http', 'http', 'circuit-open'])
      same(await failureOf(ai.stream(url, { json: {} }).answer()), { code })
    same([ai.health(url).state, (await told()).length], ['open', 2])
    const saved = JSON.parse(JSON.stringify(ai.saveBreakers()))
    const reloaded = library.createClient({ breaker: { saved } })
    same(reloaded.saveBreakers(), saved)
    await until(
      () => Date.now() >= (ai.health(url).retryAt ?? 0),
      (isTime) => isTime,
    )
    same(await ai.stream(url, { json: {} }).text(), 'Hold fast.')
    same([states, ai.health(url).state], [['open', 'half-open', 'closed'], 'closed'])
  },
}
