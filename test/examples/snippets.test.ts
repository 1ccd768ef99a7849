/** The guide's components, compiled by each framework's own compiler and rendered as a server does. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import vue from '@vitejs/plugin-vue'
import { build, type PluginOption } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Inside the package, so that its own name leads, by its `exports`, to `dist`.
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/readme/', import.meta.url))

beforeAll(() => mkdir(FOLDER, { recursive: true }))
afterAll(() => rm(FOLDER, { recursive: true, force: true }))

const rendered = {
  jsx: `import { createElement } from 'react'
    import { renderToString } from 'react-dom/server'
    import { Chat } from './Chat.jsx'
    export const html = renderToString(createElement(Chat))`,
  vue: `import { createSSRApp } from 'vue'
    import { renderToString } from 'vue/server-renderer'
    import Chat from './Chat.vue'
    export const html = await renderToString(createSSRApp(Chat))`,
  svelte: `import { render } from 'svelte/server'
    import Chat from './Chat.svelte'
    export const html = render(Chat).body`,
}
const plugins: Readonly<Record<string, PluginOption[]>> = {
  jsx: [],
  vue: [vue()],
  svelte: [svelte({ configFile: false })],
}

test.each(Object.entries(rendered))('the component in %s', async (kind, entry) => {
  const page = new URL(`../../docs/guide/${kind === 'jsx' ? 'react' : kind}.md`, import.meta.url)
  const blocks = (await readFile(page, 'utf8')).matchAll(
    new RegExp(`\`\`\`${kind}\\b.*\\n([\\s\\S]*?)\`\`\``, 'g'),
  )
  const code = [...blocks].map(([, each = '']) => each).find((each) => each.includes('useConversation')) ?? ''
  expect(code).toContain('useConversation')
  const root = `${FOLDER}${kind}`
  await mkdir(root, { recursive: true })
  await Promise.all([writeFile(`${root}/Chat.${kind}`, code), writeFile(`${root}/entry.js`, entry)])
  await build({
    ...{ root, configFile: false, logLevel: 'error', plugins: plugins[kind] ?? [] },
    build: {
      ssr: 'entry.js',
      outDir: 'built',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'entry.mjs' } },
    },
    ssr: { noExternal: ['svelte'] },
  })
  const { html } = await import(/* @vite-ignore */ pathToFileURL(`${root}/built/entry.mjs`).href)
  expect(html).toMatch(/<p role="status">/)
  expect(html).not.toMatch(/undefined|object Object/)
})
