/** What a run of everything says before it begins: how long it takes, in which browsers, and what is slow about it. */
import type { TestProject } from 'vitest/node'
import { chromium, firefox } from '../browser/puppeteer.ts'
import { webkit } from '../browser/webkit.ts'

export default function announce({ vitest }: TestProject): void {
  // Who asks for one file or folder does not wait long.
  if (process.argv.some((argument) => argument.includes('test/'))) return
  const engines = [chromium, firefox, webkit]
  const names = engines.flatMap(({ name, missing }) => (missing ? [] : name)).join(', ')
  const missing = engines.flatMap((engine) => engine.missing ?? []).join(' ')
  vitest.logger.log(
    [
      'All tests take 8 to 14 minutes on two processors; `npx vitest run test/<folder>` runs one room.',
      `Browsers: ${names || 'none'}. ${missing}`.trim(),
      'The slowest, a minute or so each: unbounded input (test/wire/endless*), recordings cut at every byte',
      '(test/recordings), relays in processes of their own (test/relay), runtimes and browsers (conformance).',
      '',
    ].join('\n'),
  )
}
