import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../demo/server/bundle.mjs'
import { fileFor } from '../../demo/server/files.mjs'
import { startServer } from '../../demo/server/server.mjs'
import { raw } from './ask.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  server = await startServer({ port: 0, pace: 0 })
})
afterAll(() => server.close())

describe('the files of the demo', () => {
  test.each([
    ['/', 'demo/index.html'],
    ['/dist/holdfast.min.js', 'dist/holdfast.min.js'],
    ['/dist/index.js.map', 'dist/index.js.map'],
    ['/dist/index.d.ts', 'dist/index.d.ts'],
    ['/page/timeline.js', 'demo/page/timeline.js'],
    ['/page/page.css', 'demo/page/page.css'],
    ['/page/words/zh.js', 'demo/page/words/zh.js'],
    ['/examples/', 'demo/examples/index.html'],
    ['/examples', 'demo/examples/index.html'],
    ['/examples/form.html', 'demo/examples/form.html'],
    ['/examples/react/main.js', 'demo/examples/react/main.js'],
    ['/examples/react/Chat.jsx', 'demo/examples/react/Chat.jsx'],
    ['/docs', 'docs/.vitepress/dist/index.html'],
    ['/docs/', 'docs/.vitepress/dist/index.html'],
    ['/docs/zh-CN/', 'docs/.vitepress/dist/zh-CN/index.html'],
    ['/docs/guide/relay.html', 'docs/.vitepress/dist/guide/relay.html'],
    [
      '/docs/assets/chunks/@localSearchIndexroot.B_x-1.js',
      'docs/.vitepress/dist/assets/chunks/@localSearchIndexroot.B_x-1.js',
    ],
  ])('%s is %s', (path, file) => {
    expect(fileFor(path)).toBe(file)
  })

  test.each([
    '/page/',
    '/page/notes.md',
    '/page/more/deep.js',
    '/page/words/fr.js',
    '/page/../server/server.mjs',
    '/page/../index.html',
    '/page/..js',
    '/page/%2e%2e/server.js',
    '/page/..%2findex.js',
    '/page/..\\index.js',
    '/page//etc/x.js',
    '/page/.hidden.js',
    '/page/a.js\0.css',
    '/examples/../index.html',
    '/examples/../../package.json',
    '/examples/react/../form.html',
    '/examples/react/more/deep.js',
    '/examples//form.html',
    '/examples/./form.html',
    '/examples/.react/main.js',
    '/examples/react/',
    '/vendor/',
    '/vendor/react.js',
    '/vendor/../dist/index.js',
    '/constructor',
    '/dist/page.html',
    '/dist/index.js\n',
    '/docs/../config.mjs',
    '/docs/guide/../../config.mjs',
    '/docs/.vitepress/config.mjs',
    '/docs//guide/',
    '/docs/guide/relay.md',
    '/docs/assets/.hidden.js',
  ])('no path leads elsewhere: %j', (path) => {
    expect(fileFor(path)).toBeUndefined()
  })

  test.each([
    '/page/no-such-file.js',
    '/page/../index.html',
    '/page/%2e%2e/index.html',
    '/examples/../index.html',
    '/examples/no-such-page.html',
    '/examples/no-such/script.js',
  ])('a request for %s finds nothing', async (path) => {
    expect(await raw(server.port, `GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 404 .*"error"/s)
  })

  test('documentation that is not there says how it is built', async () => {
    const response = await fetch(`${server.url}/docs/no-such-page.html`)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('`npm run docs` builds the documentation')
  })

  test('pages load scripts and styles from the server itself, and nothing from elsewhere', async () => {
    const response = await fetch(`${server.url}/examples/`)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("script-src 'self' 'unsafe-inline';")
    expect(policy).toContain("style-src 'self' 'unsafe-inline';")
  })

  test('the Markdown renderer comes from where it is installed', async () => {
    const response = await fetch(`${server.url}/vendor/streaming-markdown.js`)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await response.text()).toBe(await readFile('node_modules/streaming-markdown/smd.js', 'utf8'))
  })
})

describe('the list of examples', () => {
  test('leads to pages that are there', async () => {
    const list = await (await fetch(`${server.url}/examples/`)).text()
    const links = [...list.matchAll(/href="(\/examples\/[^"]+)"/g)].map(([, link]) => link)
    expect(links.length).toBeGreaterThan(2)
    for (const link of links) expect([link, (await fetch(server.url + link)).status]).toEqual([link, 200])
  })
})

describe('the bundle of an example', () => {
  test('is one script with React inside, and leaves what the server has as an import', async () => {
    const response = await fetch(`${server.url}/examples/react/main.js`)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    const script = await response.text()
    expect(script).toContain('Download the React DevTools')
    expect(script.match(/^(import|} from) .*$/gm)).toEqual([
      'import { render, stream } from "/dist/holdfast.min.js";',
    ])
  })

  test('is made once, unless it failed: then a sentence says where, and the next request tries again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bundle-'))
    const source = join(folder, 'main.jsx')
    try {
      await writeFile(source, 'const a = 1\nconst b = <p>\n')
      await expect(bundle(source)).rejects.toThrow(/^The example cannot be bundled\. .*main\.jsx:3: .+\.$/)
      await writeFile(source, 'console.log("mended")\n')
      const script = await bundle(source)
      expect(new TextDecoder().decode(script)).toContain('mended')
      expect(await bundle(source)).toBe(script)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
