/** The proxies of Debian: with the very configuration that is there to be copied, at other ports, or with a test's own. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

export interface TestProxy {
  readonly origin: string
  /** Reads its configuration again, as for a deploy of its own. */
  reload(): Promise<void>
  stop(): Promise<void>
}

export interface ProxyKind {
  readonly name: 'nginx' | 'HAProxy' | 'Caddy'
  /** What is said where it is not installed. */
  readonly missing: string | undefined
  /** @param ports - of the two relays. */
  start(ports: readonly [number, number]): Promise<TestProxy>
  /** With a configuration of the test's own, which may write into `dir`; `port` is where it listens when it is ready. */
  startWith(config: (dir: string, admin: number) => string, port: number): Promise<TestProxy>
}

interface Command {
  readonly name: ProxyKind['name']
  readonly file: string
  /** What only a test has to say: where it may write. */
  amend?(config: string, dir: string): string
  args(config: string, dir: string): readonly string[]
  reload(child: ChildProcess, config: string, admin: number): unknown
}

const isRoot = process.getuid?.() === 0
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }

const commands: readonly Command[] = [
  {
    name: 'nginx',
    file: 'nginx.conf',
    amend: (config, dir) =>
      config.replace(
        'http {',
        `http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
          .map((each) => `${each}_temp_path ${dir}/${each};`)
          .join(' ')}`,
      ),
    args: (config, dir) => {
      const globals = `daemon off; pid ${dir}/pid; ${isRoot ? 'user root;' : ''}`
      return ['-p', dir, '-e', 'stderr', '-c', config, '-g', globals]
    },
    reload: (child) => child.kill('SIGHUP'),
  },
  {
    name: 'HAProxy',
    file: 'haproxy.cfg',
    args: (config) => ['-W', '-db', '-f', config],
    reload: (child) => child.kill('SIGUSR2'),
  },
  {
    name: 'Caddy',
    file: 'Caddyfile',
    args: (config) => ['run', '--config', config, '--adapter', 'caddyfile'],
    // Without a difference it would do nothing.
    reload: (_child, config, admin) =>
      promisify(execFile)(
        'caddy',
        [
          'reload',
          '--force',
          '--config',
          config,
          '--adapter',
          'caddyfile',
          '--address',
          `localhost:${admin}`,
        ],
        { env },
      ),
  },
]

export const proxies: readonly ProxyKind[] = commands.map((command) => {
  const program = command.name.toLowerCase()
  const isThere = spawnSync(program, [program === 'caddy' ? 'version' : '-v'], { env }).status === 0
  const missing = isThere ? undefined : `${command.name} is missing: apt-get install ${program}`
  return {
    name: command.name,
    missing,
    start: async (ports) => {
      const port = await freePort()
      return launch(program, command, (_dir, admin) => published(command, ports, port, admin), port)
    },
    startWith: (config, port) => launch(program, command, config, port),
  }
})

const missing = proxies.flatMap((each) => each.missing ?? [])
if (missing.length > 0) {
  if (process.env.CI) throw new Error(missing.join('\n'))
  console.warn(`${missing.join('\n')}\n(nothing is tested behind what is missing)`)
}

/** The configuration in demo/relay, at other ports. */
function published(
  { file }: Command,
  [a, b]: readonly [number, number],
  port: number,
  admin: number,
): string {
  const original = readFileSync(new URL(`../../demo/relay/${file}`, import.meta.url), 'utf8')
  const others: Record<string, number> = { 4391: a, 4392: b, 8080: port, 2019: admin }
  return original.replace(/\b(4391|4392|8080|2019)\b/g, (each) => `${others[each]}`)
}

async function launch(
  program: string,
  command: Command,
  write: (dir: string, admin: number) => string,
  port: number,
): Promise<TestProxy> {
  const dir = mkdtempSync(join(tmpdir(), `holdfast-${program}-`))
  const admin = await freePort()
  const config = join(dir, command.file)
  const written = write(dir, admin)
  writeFileSync(config, command.amend?.(written, dir) ?? written)
  const child = spawn(program, command.args(config, dir), { env: { ...env, HOME: dir, XDG_DATA_HOME: dir } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said += text
    })
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${command.name} has ended: ${said}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    reload: async () => void (await command.reload(child, config, admin)),
    async stop() {
      child.kill('SIGTERM')
      // Its readers are not waited for.
      const late = setTimeout(() => child.kill('SIGKILL'), 500)
      await ended
      clearTimeout(late)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
