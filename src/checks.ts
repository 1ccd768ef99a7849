/** What a valid option is. Every message names the option and the value received, and shows nothing secret. */
import { MAX_TIMER_MS } from './time/clock.ts'

/** Fills what is absent or `undefined` and refuses names it does not know. */
export function withDefaults<T extends object>(
  name: string,
  given: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
  defaults: T,
): T {
  checkKind(name, given, 'object')
  checkNames(`${name}.`, given ?? {}, Object.keys(defaults))
  return { ...defaults, ...present(given ?? {}) }
}

/** One set of options over another, part by part if both are made of parts; what is no object is for the checks to refuse. */
export function over<T>(below: T, above: T): T {
  if (above === undefined) return below
  return isObject(below) && isObject(above) ? { ...below, ...present(above) } : above
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The options that were given: `undefined` means the default. */
export function present<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** @throws TypeError unless `value` is a number from 0 to the longest timer an engine has. */
export function checkNumber(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_TIMER_MS) return value
  throw new TypeError(`${name} must be a number from 0 to ${MAX_TIMER_MS}; received ${shown(value)}`)
}

/** @throws TypeError for a name that is none of `known`: a misspelt option would silently do nothing. */
export function checkNames(prefix: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const alike = known.find((each) => each.slice(0, 4) === name.slice(0, 4))
    throw new TypeError(
      `${prefix}${name} is not an option${alike ? ` (${alike}?)` : ''}; known are ${known.map((each) => prefix + each).join(', ')}`,
    )
  }
}

/** @throws TypeError unless `value` is one of `allowed`. */
export function checkOneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  throw new TypeError(
    `${name} must be ${allowed.map((each) => `'${each}'`).join(', ')}; received ${shown(value)}`,
  )
}

/** @throws TypeError unless `value` is absent or of this kind. */
export function checkKind(name: string, value: unknown, kind: 'function' | 'object' | 'string'): void {
  const fits = value === undefined || (typeof value === kind && value !== null)
  if (!fits)
    throw new TypeError(`${name} must be ${kind === 'object' ? 'an' : 'a'} ${kind}; received ${shown(value)}`)
}

/** @throws TypeError unless it is right: `name` must be `what`. */
export function expect(name: string, isRight: unknown, what: string, value: unknown): void {
  if (!isRight) throw new TypeError(`${name} must ${what}; received ${shown(value)}`)
}

/** A value as a message may show it: short, and of objects only the kind, for they may hold keys or prompts. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (value === null || typeof value !== 'object')
    return typeof value === 'function' ? 'a function' : String(value)
  return Array.isArray(value) ? 'an array' : `an object (${value.constructor?.name ?? 'no prototype'})`
}
