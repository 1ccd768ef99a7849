/** WebKitGTK: its own small browser in a virtual screen, spoken to by plain WebDriver, which needs no package. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Driver, Engine, Key } from './engines.ts'
import { installed, missing } from './installed.ts'

const driverPath = installed(process.env.WEBKIT_DRIVER, '/usr/bin/WebKitWebDriver')
const screenPath = installed('/usr/bin/Xvfb')
const browserPath = installed(
  process.env.WEBKIT_BROWSER,
  '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
  '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
)

export const webkit: Engine = {
  name: 'webkit',
  missing:
    driverPath && screenPath && browserPath
      ? undefined
      : missing('WebKitGTK', 'webkit2gtk-driver xvfb', 'WEBKIT_DRIVER and WEBKIT_BROWSER'),
  launch,
}

/** @see https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS: Readonly<Record<Key, string>> = {
  Enter: '\uE007',
  Escape: '\uE00C',
  Tab: '\uE004',
  ArrowLeft: '\uE012',
  ArrowRight: '\uE014',
  Home: '\uE011',
  End: '\uE010',
}

async function launch(): Promise<Driver> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-webkit-'))
  const children: ChildProcess[] = []
  const close = async (): Promise<void> => {
    await Promise.all(children.reverse().map(ended))
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  try {
    const screen = spawn(
      String(screenPath),
      ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      },
    )
    children.push(screen)
    const [display] = await once(screen.stdio[3] as Readable, 'data')
    const port = await freePort()
    children.push(
      spawn(String(driverPath), [`--port=${port}`, '--host=127.0.0.1'], {
        stdio: 'ignore',
        // Its children, the browser and the browser's processes, are to end with it.
        detached: true,
        env: environment(home, `:${String(display).trim()}`),
      }),
    )
    return await drive(`http://127.0.0.1:${port}`, close)
  } catch (error) {
    await close()
    throw error
  }
}

function environment(home: string, display: string): NodeJS.ProcessEnv {
  const folders = { HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }
  const withoutGpu = { WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1' }
  const withoutDesktop = { GIO_USE_VFS: 'local', NO_AT_BRIDGE: '1', DBUS_SESSION_BUS_ADDRESS: 'disabled:' }
  return { ...process.env, ...folders, ...withoutGpu, ...withoutDesktop, DISPLAY: display }
}

async function drive(base: string, end: () => Promise<void>): Promise<Driver> {
  await ready(base)
  const { sessionId } = await call<{ sessionId: string }>('POST', `${base}/session`, {
    capabilities: {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary: browserPath, args: ['--automation'] } },
    },
  })
  const session = `${base}/session/${sessionId}`
  await call('POST', `${session}/timeouts`, { script: 60_000, pageLoad: 30_000 })
  return {
    async goto(url) {
      await call('POST', `${session}/url`, { url })
    },
    async evaluate<T>(expression: string) {
      const result = await call<{ value?: T; error?: string }>('POST', `${session}/execute/async`, {
        script: `
          const done = arguments[arguments.length - 1]
          new Promise((resolve) => resolve((${expression}
)))
            .then((value) => done({ value }), (error) => done({ error: String(error) }))`,
        args: [],
      })
      if (result.error !== undefined) throw new Error(result.error)
      return result.value as T
    },
    async press(key) {
      const strokes = ['keyDown', 'keyUp'].map((type) => ({ type, value: KEYS[key] }))
      await call('POST', `${session}/actions`, { actions: [{ type: 'key', id: 'keys', actions: strokes }] })
    },
    async resize(width, height) {
      await call('POST', `${session}/window/rect`, { width, height })
    },
    async screenshot(path) {
      const image = await call<string>('GET', `${session}/screenshot`)
      await writeFile(path, Buffer.from(image, 'base64'))
    },
    async close() {
      // The driver ends the browser; what it leaves goes with its group.
      await call('DELETE', session).catch(() => {})
      await end()
    },
  }
}

async function call<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const { value } = (await response.json()) as { value: T & { message?: string } }
  if (!response.ok) throw new Error(`WebDriver ${method} ${new URL(url).pathname}: ${value?.message}`)
  return value
}

async function ready(base: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await call('GET', `${base}/status`)
      return
    } catch (error) {
      if (tries === 200) throw error
      await setTimeout(50)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exit = once(child, 'exit')
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Not the head of a group: the screen.
    child.kill('SIGKILL')
  }
  await exit
}
