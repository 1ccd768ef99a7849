/** The pages of `demo/examples/bindings`, each built by Vite into a folder of its own, and a server for them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { startServer } from '../../demo/server/server.mjs'

/** What each page is made with; the old React is the same page. */
export const PAGES = ['react', 'react18', 'vue', 'svelte', 'element'] as const
export type Page = (typeof PAGES)[number]

const SOURCES = fileURLToPath(new URL('../../demo/examples/bindings', import.meta.url))
const OLD_REACT = [
  { find: /^react-dom(?=$|\/)/, replacement: 'react-dom18' },
  { find: /^react(?=$|\/)/, replacement: 'react18' },
]
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** As a developer sees it: frameworks say then what they do not like. */
export async function buildPages(into: string): Promise<void> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'development'
  for (const page of PAGES)
    await build({
      root: join(SOURCES, page.replace('18', '')),
      base: `/${page}/`,
      mode: 'development',
      logLevel: 'warn',
      ...(page === 'react18' && { resolve: { alias: OLD_REACT } }),
      build: { outDir: join(into, page), emptyOutDir: true, minify: false },
    })
  process.env.NODE_ENV = before
}

/** What a page has asked of the relay. */
export interface Asked {
  readonly method: string
  readonly path: string
}

/** Serves the pages, and passes questions on to the demo's relay. */
export async function startPages(options: { readonly pace: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pages-'))
  await buildPages(folder)
  const demo = await startServer({ port: 0, ...options })
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request
    if (!url.startsWith('/answers')) return void sendFile(folder, url, response)
    asked.push({ method, path: url.replace(/\?.*/, '') })
    pass(request, response, demo.url)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    asked,
    url: `http://127.0.0.1:${port}`,
    /** The relay's own address. */
    relay: demo.url,
    async close() {
      server.closeAllConnections()
      server.close()
      await demo.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function sendFile(folder: string, url: string, response: ServerResponse): Promise<void> {
  const path = new URL(url, 'http://page').pathname.replace(/\/$/, '/index.html')
  const content = await readFile(join(folder, path)).catch(() => undefined)
  response.writeHead(content ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'text/plain' })
  response.end(content ?? 'There is no such page.')
}

function pass(request: IncomingMessage, response: ServerResponse, to: string): void {
  const { method, headers, url = '' } = request
  const onward = forward(new URL(url, to), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  onward.on('error', () => response.destroy())
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}
