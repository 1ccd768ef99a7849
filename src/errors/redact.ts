/** What must not show: keys that a server or an engine quotes, and the parts of an address that hold some. */

/** Replaces every known secret in a text. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)
}

/** Takes known secrets out of an error's texts: providers like to quote the key they refused. */
export function scrubbed<E extends Error>(error: E, secrets: readonly string[]): E {
  error.message = redact(error.message, secrets)
  if (error.stack) error.stack = redact(error.stack, secrets)
  return error
}

/**
 * A copy of what an engine threw: name, message, code and the chain of causes. Whatever else hangs on it stays
 * out, because HTTP clients hang the request on it, with its headers.
 */
export function engineCause(thrown: unknown, secrets: readonly string[], depth = 3): unknown {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? redact(thrown, secrets) : undefined
  const inner = depth > 0 ? engineCause(thrown.cause, secrets, depth - 1) : undefined
  const copy = new Error(redact(thrown.message, secrets), inner === undefined ? undefined : { cause: inner })
  copy.name = thrown.name
  copy.stack = redact(thrown.stack ?? '', secrets)
  const { code } = thrown as { code?: unknown }
  return typeof code === 'string' ? Object.assign(copy, { code }) : copy
}

/** An address fit for a message: no user, no password, no query. */
export function withoutSecrets(url: string): string {
  if (/^https?:/i.test(url) && URL.canParse(url)) {
    const { origin, pathname } = new URL(url)
    return origin + pathname
  }
  // Not a URL, so nobody can say where its password ends: all before the last @ goes.
  return url.replace(/^((?:[a-z][a-z\d+.-]*:)?\/\/)?.*@/is, '$1').replace(/[?#].*$/s, '')
}
