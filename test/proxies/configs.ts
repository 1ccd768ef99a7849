/** The proxies that people have, in front of one server: what each of its doors does to a stream is in its name. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '../support/certificate.ts'
import { freePort } from '../support/free-port.ts'
import { type ProxyKind, proxies, type TestProxy } from '../support/proxies.ts'

/** Below `/hasty` a proxy waits for the server's next byte no longer than this: long enough for one to come on a busy machine. */
export const HASTY_MS = 2_000

/** The doors; what is said in `h2` is spoken to a browser only. */
export const DOORS = {
  nginx: ['nginx', 'nginx, HTTP/1.0', 'nginx, buffering', 'nginx, defaults', 'nginx, gzip', 'nginx, h2'],
  HAProxy: ['HAProxy', 'HAProxy, h2'],
  Caddy: ['Caddy', 'Caddy, h2'],
} as const satisfies Record<ProxyKind['name'], readonly string[]>

export type Door = (typeof DOORS)[ProxyKind['name']][number]

/** These keep all of a stream, its headers included, until it ends. */
export const gathers = (door: Door): boolean => door === 'nginx, defaults' || door === 'nginx, gzip'

export const isH2 = (door: Door): boolean => door.endsWith('h2')

export interface Proxies {
  /** Where a door is; it must be one that can be tried here. */
  originOf(door: Door): string
  close(): Promise<void>
}

/** The doors that can be tried here. */
export const doors: readonly Door[] = proxies
  .filter(({ missing }) => !missing)
  .flatMap(({ name }): readonly Door[] => DOORS[name])

/** Ports of the server, and of nobody; `at` is where each door is to be. */
interface Plan {
  readonly up: number
  readonly down: number
  readonly at: (door: Door) => number
}

/** Starts all that are installed in front of the server at a port. */
export async function startProxies(up: number): Promise<Proxies> {
  const down = await freePort()
  const ports = new Map<Door, number>()
  for (const door of doors) ports.set(door, await freePort())
  const at = (door: Door) => ports.get(door) ?? 0
  const started: TestProxy[] = await Promise.all(
    proxies
      .filter(({ missing }) => !missing)
      .map(({ name, startWith }) =>
        startWith((dir, admin) => CONFIGS[name]({ up, down, at }, dir, admin), at(DOORS[name][0])),
      ),
  )
  return {
    originOf: (door) => `${isH2(door) ? 'https' : 'http'}://127.0.0.1:${at(door)}`,
    close: async () => void (await Promise.all(started.map((each) => each.stop()))),
  }
}

/** Files with a certificate that nobody trusts, and its key; HAProxy wants both in one. */
function certificateIn(dir: string): { readonly cert: string; readonly key: string } {
  const { cert, key } = selfSigned()
  writeFileSync(join(dir, 'cert.pem'), cert + key)
  writeFileSync(join(dir, 'key.pem'), key)
  return { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
}

const CONFIGS: Readonly<Record<ProxyKind['name'], (plan: Plan, dir: string, admin: number) => string>> = {
  nginx({ up, down, at }, dir) {
    const { cert, key } = certificateIn(dir)
    const streaming = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;'
    const server = (door: Door, more: string, listen = '') => `
  server {
    listen 127.0.0.1:${at(door)}${listen};
    ${more}
    location / { proxy_pass http://127.0.0.1:${up}; }
    location /hasty/ { proxy_pass http://127.0.0.1:${up}/; proxy_read_timeout ${HASTY_MS}ms; }
    location /down/ { proxy_pass http://127.0.0.1:${down}; }
  }`
    // By default it speaks HTTP/1.0 to the server, and gathers.
    return `events { }
http {
  ${server('nginx', streaming)}
  ${server('nginx, HTTP/1.0', 'proxy_buffering off;')}
  ${server('nginx, buffering', 'proxy_http_version 1.1; proxy_set_header Connection "";')}
  ${server('nginx, defaults', '')}
  ${server('nginx, gzip', 'gzip on; gzip_types text/event-stream; gzip_min_length 0; gzip_proxied any;')}
  ${server('nginx, h2', `${streaming} ssl_certificate ${cert}; ssl_certificate_key ${key};`, ' ssl http2')}
}`
  },

  HAProxy({ up, down, at }, dir) {
    const { cert } = certificateIn(dir)
    const backend = (name: string, port: number, more = '') => `
backend ${name}
  ${more}
  server a 127.0.0.1:${port}`
    return `
defaults
  mode http
  retries 1
  # On a connection that it has used before, HAProxy hangs up where it would else say 502. Here each is a new one.
  option http-server-close
  # Without it who leaves before the headers is waited for.
  option abortonclose
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend web
  bind 127.0.0.1:${at('HAProxy')}
  bind 127.0.0.1:${at('HAProxy, h2')} ssl crt ${cert} alpn h2
  use_backend hasty if { path_beg /hasty/ }
  use_backend down if { path_beg /down/ }
  default_backend up
${backend('up', up)}
${backend('down', down)}
${backend('hasty', up, `timeout server ${HASTY_MS}ms\n  http-request replace-path ^/hasty(/.*) \\1`)}
`
  },

  Caddy({ up, down, at }, _dir, admin) {
    const site = (address: string, more = '') => `
${address} {
  bind 127.0.0.1
  ${more}
  handle_path /hasty/* {
    reverse_proxy 127.0.0.1:${up} {
      transport http {
        read_timeout ${HASTY_MS}ms
        response_header_timeout ${HASTY_MS}ms
        compression off
      }
    }
  }
  handle /down/* {
    reverse_proxy 127.0.0.1:${down}
  }
  handle {
    reverse_proxy 127.0.0.1:${up} {
      transport http {
        compression off
      }
    }
  }
}`
    return `{
  admin localhost:${admin}
  skip_install_trust
  auto_https disable_redirects
}
${site(`http://127.0.0.1:${at('Caddy')}`)}
${site(`https://127.0.0.1:${at('Caddy, h2')}`, 'tls internal')}
`
  },
}
