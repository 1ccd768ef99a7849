/** The demo's server is killed in the middle of an answer, by a button on the page, and starts again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { openNewDemo } from './demo.ts'
import { demoEngines } from './engines.ts'
import { QUESTION, talkTo } from './talk.ts'
import { useBrowser } from './use-browser.ts'

async function startSupervised(): Promise<{ url: string; close: () => Promise<unknown> }> {
  const env = { ...process.env, PORT: '0', DEMO_PACE: '0.3' }
  const child: ChildProcess = spawn(process.execPath, ['demo/server/supervisor.mjs'], { env })
  let output = ''
  for await (const text of child.stdout ?? []) {
    output += text
    if (/\n.*\n/.test(output)) break
  }
  const closed = once(child, 'close')
  const close = () => {
    child.kill('SIGINT')
    return closed
  }
  return { url: /http:\/\/localhost:\d+/.exec(output)?.[0] ?? '', close }
}

describe.each(demoEngines)('a server that is killed, in $name', { timeout: 60_000 }, (engine) => {
  const { driver, server } = useBrowser(engine, startSupervised)
  const { ask, click, becomes, read, until, isVisible } = talkTo(driver)

  test('the answer is whole all the same, exactly once, and the page says what happened', async () => {
    await openNewDemo(driver, server.url)
    await until("document.querySelector('[data-trick=kill]').hidden").toBe(false)
    await ask()
    expect(await isVisible('[data-trick=kill]')).toBe(true)
    const before = await read('.text')
    await click('[data-trick=kill]')
    await becomes('done')
    const text = await read('.text')
    expect(text.startsWith(before)).toBe(true)
    expect(text.split(QUESTION)).toHaveLength(2)
    expect(text).toMatch(/\p{Extended_Pictographic}$/u)
    expect(await read('.log')).not.toContain('You pressed')
    expect(await read('.log')).toMatch(
      /The server is killed and starts again\. It kept its answers in memory/,
    )
    await until("last('.plot').textContent").toContain('replay · whole')
  })
})
