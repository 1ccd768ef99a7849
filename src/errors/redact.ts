/** What must not show: keys that a server or an engine quotes, and the parts of an address that hold some. */

const REDACTED = '[redacted]'
// Fewer characters of a key's beginning tell nothing, and end many a word.
const BEGINNING = 4
// Deeper than any error, and than no engine's stack.
const DEEPEST = 64

/** Replaces every known secret in a text, and the beginning of one at which somebody has cut the text off. */
export function redact(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text
  const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text)
  return clean
    .split(/(…|\.{3})/)
    .map((piece) => withoutBeginning(piece, secrets))
    .join('')
}

function withoutBeginning(text: string, secrets: readonly string[]): string {
  for (const secret of secrets)
    for (let size = Math.min(secret.length - 1, text.length); size >= BEGINNING; size--)
      if (text.endsWith(secret.slice(0, size))) return text.slice(0, -size) + REDACTED
  return text
}

/** The same for every text in a JSON value, names included. */
export function redactAll(value: unknown, secrets: readonly string[], depth = 0): unknown {
  if (secrets.length === 0) return value
  if (depth > DEEPEST) return REDACTED
  if (Array.isArray(value)) return value.map((each) => redactAll(each, secrets, depth + 1))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        redact(name, secrets),
        redactAll(each, secrets, depth + 1),
      ]),
    )
  // A number may be a key, too.
  const text = String(value)
  const clean = redact(text, secrets)
  return clean === text ? value : clean
}

// What else an error of ours says in a server's words.
const SAID = ['type', 'providerCode', 'requestId', 'url', 'body']

/** Takes known secrets out of all that an error says: providers like to quote the key they refused. */
export function scrubbed<E extends Error>(error: E, secrets: readonly string[]): E {
  const { message, stack = '' } = error
  error.message = redact(message, secrets)
  // The stack begins with the message, which may have been cut in the middle of a key.
  if (stack)
    error.stack = redact(
      stack.replace(message, () => error.message),
      secrets,
    )
  const all = error as unknown as Record<string, unknown>
  for (const name of SAID) if (all[name] !== undefined) all[name] = redactAll(all[name], secrets)
  return error
}

/**
 * A copy of what an engine threw: name, message, code and the chain of causes. Whatever else hangs on it stays
 * out, because HTTP clients hang the request on it, with its headers.
 */
export function engineCause(thrown: unknown, secrets: readonly string[], depth = 3): unknown {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? redact(thrown, secrets) : undefined
  const inner = depth > 0 ? engineCause(thrown.cause, secrets, depth - 1) : undefined
  const copy = new Error(thrown.message, inner === undefined ? undefined : { cause: inner })
  // Not assigned: of a frozen `Error.prototype` nothing can be.
  Object.defineProperty(copy, 'name', { value: redact(thrown.name, secrets) })
  copy.stack = thrown.stack ?? ''
  const { code } = thrown as { code?: unknown }
  return Object.assign(scrubbed(copy, secrets), typeof code === 'string' && { code: redact(code, secrets) })
}

/** An address fit for a message: no user, no password, no query. */
export function withoutSecrets(url: string): string {
  try {
    const { origin, pathname } = new URL(url)
    if (/^https?:/i.test(url)) return origin + pathname
  } catch {
    // Not a URL: below.
  }
  // Nobody can say where the password of such a one ends: all before the last @ goes.
  return url.replace(/^((?:[a-z][a-z\d+.-]*:)?\/\/)?.*@/is, '$1').replace(/[?#].*$/s, '')
}
