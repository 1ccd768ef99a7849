/** Where a key can be × how a request can fail × all that is shown of it. It runs wherever the library does. */

// With a letter that is written differently in a URL.
export const KEY = 'sk-proj-4f9a8b/7c6d5e3210'
const PASSWORD = 'pass:4f9a8b7c6d5e3210'
const NUMBER = 987_654_321_012

/**
 * @typedef {import('../../src/index.ts').StreamOptions} Options
 * @typedef {Pick<typeof import('../../src/index.ts'), 'createClient' | 'openaiChat'>} Library
 * @typedef {{ readonly secret?: string, readonly url?: (base: string) => string, readonly options?: Options }} Place
 */

/** @type {(headers: Record<string, string>, secret?: string) => Place} */
const inHeaders = (headers, secret = KEY) => ({ secret, options: { headers } })
const escaped = encodeURIComponent(KEY)

/** @type {(library: Library) => Record<string, Place>} */
export const placesFor = ({ openaiChat }) => ({
  '?key= of the URL': { url: (base) => `${base}?key=${escaped}` },
  '?api_key= of the URL, as it is': { url: (base) => `${base}?x=1&api_key=${KEY}` },
  'a search text': { options: { searchParams: `key=${escaped}` } },
  'a search object': { options: { searchParams: { accessToken: KEY } } },
  'a number to search with': { secret: String(NUMBER), options: { searchParams: { key: NUMBER } } },
  URLSearchParams: { options: { searchParams: new URLSearchParams({ sig: KEY }) } },
  'a bearer': inHeaders({ authorization: `Bearer ${KEY}` }),
  'a token': inHeaders({ authorization: `Token ${KEY}` }),
  'a key by scheme': inHeaders({ authorization: `Key ${KEY}` }),
  'a scheme of its own, with parameters': inHeaders({ authorization: `X-Mine id="1", signature="${KEY}"` }),
  'a password in base64': inHeaders({ authorization: `Basic ${btoa(`me:${PASSWORD}`)}` }, PASSWORD),
  'what the base64 is': inHeaders({ authorization: `Basic ${btoa(`me:${KEY}`)}` }, btoa(`me:${KEY}`)),
  'x-api-key': inHeaders({ 'x-api-key': KEY }),
  'api-key': inHeaders({ 'api-key': KEY }),
  'x-goog-api-key': inHeaders({ 'x-goog-api-key': KEY }),
  'a cookie': inHeaders({ cookie: `theme=dark; session=${KEY}` }),
  'proxy-authorization': inHeaders({ 'proxy-authorization': `Bearer ${KEY}` }),
  'a headers function': { options: { headers: async () => ({ 'x-auth-token': KEY }) } },
  apiKey: { options: { apiKey: KEY, allowKeyInBrowser: true, dialect: openaiChat } },
  'the URL’s password, of a function that sends': {
    secret: 'pass4f9a8b7c6d5e',
    url: (base) => base.replace('//', '//me:pass4f9a8b7c6d5e@'),
    options: { http: (url, options) => fetch(url, options) },
  },
})

/** The paths of a {@link import('./leak-server.mjs').startLeakServer}. */
export const FAILURES = [
  ...[
    'message',
    'names',
    'text',
    'title',
    'long-text',
    'huge',
    'long-message',
    'cut-body',
    'nested',
    'slash',
  ],
  ...['in-band', 'in-band-long', 'under-200', 'page-under-200', 'not-understood', 'long-not-understood'],
  ...['reset', 'cut', 'redirect', 'headers', 'unavailable', 'refused'],
]

/**
 * All that shows a key, in a line each.
 *
 * @param {Library} library
 * @param {string} base - of the server that fails.
 * @param {string} dead - of a server that is not there.
 * @param {(value: unknown) => string} inspect - the engine's own, if it has one.
 * @returns {Promise<{ asked: number, leaks: string[] }>}
 */
export async function findLeaks(library, base, dead, inspect = () => '') {
  const leaks = []
  let asked = 0
  for (const [where, place] of Object.entries(placesFor(library)))
    for (const failure of FAILURES) {
      asked++
      const url = `${failure === 'refused' ? dead : base}/leak/${failure}`
      const shown = await shownAfter(library, place, url, inspect)
      const { secret = KEY } = place
      // Also in half, and as it stands in a URL.
      for (const [surface, text] of Object.entries(shown))
        for (const word of [secret.slice(0, 10), secret.slice(-10), encodeURIComponent(secret).slice(-10)])
          if (text.includes(word)) leaks.push(`${where}, ${failure}: ${surface} shows ${text.slice(0, 300)}`)
    }
  return { asked, leaks }
}

/** @type {(library: Library, place: Place, url: string, inspect: (value: unknown) => string) => Promise<Record<string, string>>} */
async function shownAfter({ createClient }, { secret = KEY, url: at = String, options }, url, inspect) {
  /** @type {Record<string, string>} */
  const shown = {}
  /** @type {(name: string) => (value: unknown) => void} */
  const on = (name) => (value) => {
    shown[name] = `${shown[name] ?? ''}${everything(value)}${inspect(value)}`
  }
  const breaker = {
    failures: 1,
    key: (/** @type {string} */ each) => each,
    onStateChange: on('onStateChange'),
  }
  const client = createClient({ breaker, retry: { limit: 1, baseMs: 0 } })
  const names = /** @type {const} */ (['onRetry', 'onWarning', 'onOpen', 'onError', 'onStall'])
  const callbacks = Object.fromEntries(names.map((name) => [name, on(name)]))
  const reply = client.stream(at(url), { json: { quote: secret }, ...callbacks, ...options })
  const error = await reply.answer().catch((/** @type {Error} */ thrown) => thrown)
  if (!(error instanceof Error)) throw new Error(`${url} was expected to fail`)
  on('error')(error)
  shown.json = JSON.stringify(error)
  shown.console = `${error} ${error.stack}`
  shown.stats = JSON.stringify(/** @type {import('../../src/index.ts').StreamFailure} */ (error).answer.stats)
  shown.checkpoint = JSON.stringify(reply.checkpoint())
  shown.breakers = JSON.stringify(client.saveBreakers())
  on('reply')(reply)
  return shown
}

/** All that hangs on a value, shown or not. */
function everything(/** @type {unknown} */ value, /** @type {Set<unknown>} */ seen = new Set()) {
  if (typeof value !== 'object' || value === null || seen.has(value)) return `${String(value)} `
  seen.add(value)
  let text = value instanceof Headers ? JSON.stringify([...value]) : ''
  for (const name of Object.getOwnPropertyNames(value))
    text += `${name}: ${everything(Reflect.get(value, name), seen)}`
  return text
}
