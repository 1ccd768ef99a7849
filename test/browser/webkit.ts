/** WebKitGTK: its own small browser in a virtual screen, spoken to by plain WebDriver, which needs no package. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Driver, Engine, Key } from './engines.ts'
import { Home } from './home.ts'
import { installed, missing } from './installed.mjs'

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
  ArrowLeft: '\uE012',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
  Home: '\uE011',
  End: '\uE010',
}

async function launch(): Promise<Driver> {
  const home = await Home.build('webkit')
  const start = (path: string | undefined, args: readonly string[], options: SpawnOptions) => {
    const child = spawn(String(path), args, { ...options, detached: true })
    home.shelter(child)
    return child
  }
  try {
    const size = ['-screen', '0', '1280x1024x24']
    const screen = start(screenPath, ['-displayfd', '3', ...size, '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    const [display] = await once(screen.stdio[3] as Readable, 'data')
    const port = await freePort()
    start(driverPath, [`--port=${port}`, '--host=127.0.0.1'], {
      stdio: 'ignore',
      env: { ...home.env, ...surroundings, DISPLAY: `:${String(display).trim()}` },
    })
    return await drive(`http://127.0.0.1:${port}`, () => home.clear())
  } catch (error) {
    await home.clear()
    throw error
  }
}

const surroundings = {
  // Without a graphics card,
  ...{ WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
  // and without a desktop.
  ...{ GIO_USE_VFS: 'local', NO_AT_BRIDGE: '1', DBUS_SESSION_BUS_ADDRESS: 'disabled:' },
}

async function drive(base: string, end: () => Promise<void>): Promise<Driver> {
  await ready(base)
  const { sessionId } = await call<{ sessionId: string }>('POST', `${base}/session`, {
    capabilities: {
      alwaysMatch: {
        acceptInsecureCerts: true,
        'webkitgtk:browserOptions': { binary: browserPath, args: ['--automation'] },
      },
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
    async mouse(action, x, y) {
      const actions: object[] = [{ type: 'pointerMove', duration: 0, x, y }]
      if (action !== 'move')
        actions.push({ type: action === 'down' ? 'pointerDown' : 'pointerUp', button: 0 })
      const pointer = { type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }
      await call('POST', `${session}/actions`, { actions: [pointer] })
    },
    async resize(width, height) {
      await call('POST', `${session}/window/rect`, { width, height })
    },
    async screenshot(path) {
      const image = await call<string>('GET', `${session}/screenshot`)
      await writeFile(path, Buffer.from(image, 'base64'))
    },
    async close() {
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
