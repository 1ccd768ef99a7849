/** The three engines, whoever drives them: what a test needs of a browser, and nothing that only one of them can do. */
import { test } from 'vitest'
import { chromium, firefox } from './puppeteer.ts'
import { webkit } from './webkit.ts'

/** A browser with one page. Any certificate will do for it. */
export interface Driver {
  goto(url: string): Promise<void>
  /** The value of an expression in the page; a promise is awaited. What comes back is JSON. */
  evaluate<T = unknown>(expression: string): Promise<T>
  /** Presses a key as a person would. */
  press(key: Key): Promise<void>
  /** Moves the mouse, or its left button, as a person would. */
  mouse(action: 'move' | 'down' | 'up', x: number, y: number): Promise<void>
  resize(width: number, height: number): Promise<void>
  screenshot(path: string): Promise<void>
  /** Takes the page's network away, or gives it back; only some engines can be told to. */
  setOffline?(isOffline: boolean): Promise<void>
  /** Freezes the page as a browser does to save power, or thaws it; likewise. */
  setFrozen?(isFrozen: boolean): Promise<void>
  /** What the reader has asked of every page, as media features; likewise. */
  setMedia?(features: Readonly<Record<string, string>>): Promise<void>
  /** Ends the browser, and everything it has started or stored. */
  close(): Promise<void>
}

/** Keys that pages listen to. */
export type Key = 'Enter' | 'Escape' | 'ArrowLeft' | 'ArrowRight' | 'ArrowDown' | 'Home' | 'End'

export interface Engine {
  readonly name: 'chromium' | 'firefox' | 'webkit'
  /** What is missing here, and how to get it. */
  readonly missing: string | undefined
  launch(): Promise<Driver>
}

const all: readonly Engine[] = [chromium, firefox, webkit]

/** Those that can be run here. */
export const engines: readonly Engine[] = all.filter(({ missing }) => missing === undefined)

/**
 * Those in which the demo is tried. It promises nothing of the library's: one engine will do, but for `npm run test:browsers`.
 */
export const demoEngines: readonly Engine[] =
  process.env.HOLDFAST_ENGINES === 'all' ? engines : engines.slice(0, 1)

/** What to say of the others. */
export const missing: readonly string[] = all.flatMap((engine) => engine.missing ?? [])

// Where all of them must be there (in CI), tests that are left out must not pass for tests that passed.
if (missing.length > 0 && process.env.HOLDFAST_BROWSERS === 'required') throw new Error(missing.join('\n'))

// To the test runner a file without a test is a failure; without a browser that is what these files are.
if (engines.length === 0) test.skip('in a browser, but there is none', () => {})
