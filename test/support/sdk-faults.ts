/** What SDKs meet: the fault server's list, in each of their languages. */
import type { Script, Step } from './fault-server.ts'
import type { SdkLanguage } from './sdk-languages.ts'

export const PIECES: readonly string[] = ['The ', 'sea ', 'holds ', 'fast.']

export interface SdkFault {
  readonly name: string
  /** `whole`: it can be healed without taking text back. `error`: all that can be done is to say so. */
  readonly best: 'whole' | 'error'
  /** One script a request; the last one is for all that follow. */
  readonly scripts: (language: SdkLanguage) => readonly Script[]
}

type Part = (language: SdkLanguage) => readonly Step[]

const all: Part = ({ head, text, tail }) => [...head, ...PIECES.map(text), ...tail]
const started: Part = ({ head }) => [...head.slice(0, 1), { wait: 15 }]
const half: Part = ({ head, text }) => [...head, ...PIECES.slice(0, 2).map(text), { wait: 15 }]
const good = (language: SdkLanguage): Script => ({
  headers: language.headers ?? {},
  steps: [...all(language), 'END'],
})

/** Once, and then all is well. */
function once(name: string, part: Part | Script, more: Script = {}): SdkFault {
  return { name, best: 'whole', scripts: (language) => [scriptOf(part, language, more), good(language)] }
}

/** Too late to be asked for again: that it is asked for once more would be seen by a second text. */
function late(name: string, part: Part, more: Script = {}): SdkFault {
  return { name, best: 'error', scripts: (language) => [scriptOf(part, language, more), good(language)] }
}

/** The same from a server that keeps its answers. */
function kept(name: string, ...then: readonly Step[]): SdkFault {
  const numbered = (steps: readonly Step[]) => steps.map((step, at) => `id: ${at + 1}\n${String(step)}`)
  const scripts = (language: SdkLanguage) => {
    const headers = { ...language.headers, 'content-location': '/answers/a1' }
    const events = numbered(all(language))
    const to = language.head.length + 2
    return [
      { headers, steps: [...events.slice(0, to), { wait: 15 }, ...then] },
      { headers: language.headers ?? {}, steps: [...events.slice(to), 'END' as const] },
    ]
  }
  return { name, best: 'whole', scripts }
}

function scriptOf(part: Part | Script, language: SdkLanguage, more: Script): Script {
  if (typeof part !== 'function') return part
  return { ...more, headers: { ...language.headers, ...more.headers }, steps: part(language) }
}

const typed = (type: string) => ({ headers: { 'content-type': type } })
const refusal = JSON.stringify({ error: { message: 'Overloaded', type: 'overloaded_error' } })
const refused = (status: number, headers = {}): Script => ({
  ...{ status, headers: { 'content-type': 'application/json', ...headers }, steps: [refusal, 'END'] },
})

export const FAULTS: readonly SdkFault[] = [
  { name: 'none', best: 'whole', scripts: (language) => [good(language)] },
  once('status 503', refused(503)),
  once('status 429', refused(429, { 'retry-after-ms': '5' })),
  once('status 529', refused(529)),
  once('no connection', { steps: ['RST'] }),
  once('no headers', {}),
  once('headers, and nothing more', () => ['HANG']),
  once('nothing but keep-alives', () => [': hi\n\n', ': hi\n\n', 'HANG']),
  once('an empty stream', () => ['END']),
  once('an end after the first event', (language) => [...started(language), 'END']),
  once('a reset after the first event', (language) => [...started(language), 'RST']),
  once('silence after the first event', (language) => [...started(language), 'HANG']),
  once('an error as the first event', ({ error }) => [error, 'END']),
  once('an error as JSON under 200', () => [refusal, 'END'], typed('application/json')),
  late('an HTML page under 200', () => ['<!doctype html><title>Sign in</title>', 'END'], typed('text/html')),
  late('status 400', () => [refusal, 'END'], { status: 400, ...typed('application/json') }),
  late('a clean end in the middle', (language) => [...half(language), 'END']),
  late('an end of the socket in the middle', (language) => [...half(language), 'FIN']),
  late('a reset in the middle', (language) => [...half(language), 'RST']),
  late('an end in the middle of an event', (language) => [...half(language), 'data: {"ty', 'END']),
  late('silence in the middle', (language) => [...half(language), 'HANG']),
  late('an error in the middle', (language) => [...half(language), language.error, 'END']),
  kept('a clean end, of an answer that is kept', 'END'),
  kept('a reset, of an answer that is kept', 'RST'),
  kept('silence, of an answer that is kept', 'HANG'),
  once('a socket that stays open after the end', (language) => [...all(language), 'HANG']),
]

/** Whether somebody who waits may wait for ever. */
export function mayHang({ scripts }: SdkFault, language: SdkLanguage): boolean {
  return scripts(language).some(({ steps }) => !steps || steps.includes('HANG'))
}
