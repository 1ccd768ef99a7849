import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { slugOf } from './slug.mjs'

const HOME = 'https://github.com/holdfast-js/holdfast'
const api = fileURLToPath(new URL('../api/typedoc-sidebar.json', import.meta.url))

/** What stands above docs/ is not part of the site: its place is the repository. @param {import('markdown-it').default} md */
function linksToRepository(md) {
  const standard =
    md.renderer.rules.link_open ??
    ((tokens, at, options, _env, self) => self.renderToken(tokens, at, options))
  md.renderer.rules.link_open = (tokens, at, options, page, self) => {
    const href = tokens[at].attrGet('href')
    if (href?.startsWith('.')) {
      const path = posix.normalize(posix.join('docs', posix.dirname(page.relativePath), href))
      if (!path.startsWith('docs/')) tokens[at].attrSet('href', `${HOME}/blob/main/${path}`)
    }
    return standard(tokens, at, options, page, self)
  }
}

/** @param {'' | '/zh-CN'} root @param {Record<string, string>} titles */
const guideOf = (root, titles) =>
  Object.entries(titles).map(([page, text]) => ({ text, link: `${root}/guide/${page}` }))

/** @param {'' | '/zh-CN'} root @param {string[]} headings @param {Record<string, string>[]} groups */
const groupsOf = (root, headings, groups) =>
  groups.map((titles, at) => ({ text: headings[at], items: guideOf(root, titles) }))

const guide = groupsOf(
  '',
  ['Begin', 'On the server', 'Read and show', 'When it goes wrong', 'Run it'],
  [
    {
      'first-page': 'The first page',
      react: 'React',
      vue: 'Vue',
      svelte: 'Svelte',
      vite: 'With Vite',
      'plain-page': 'A plain page',
      conversation: 'A conversation',
    },
    {
      servers: 'What it has to send',
      'server-next': 'Next.js',
      'server-express': 'Express',
      'server-hono': 'Hono',
      'server-fastapi': 'FastAPI',
      'server-django': 'Django and Flask',
      'server-php': 'PHP',
      'server-spring': 'Spring',
      'server-go': 'Go',
      relay: 'The relay',
      providers: 'Asking a provider',
    },
    {
      reading: 'Three ways to read',
      rendering: 'Writing to the page',
      dialects: 'Dialects',
      cancelling: 'Cancelling',
      sdks: 'Under an SDK',
    },
    {
      patience: 'Patience',
      recovery: 'When it fails',
      reload: 'After a reload',
      'several-servers': 'Several servers',
      tabs: 'Tabs and tunnels',
    },
    { testing: 'Testing', security: 'Security', proxies: 'Proxies and platforms' },
  ],
)
const guideZh = groupsOf(
  '/zh-CN',
  ['开始', '服务端', '读和显示', '出了问题', '上线'],
  [
    {
      'first-page': '第一个页面',
      react: 'React',
      vue: 'Vue',
      svelte: 'Svelte',
      vite: '配合 Vite',
      'plain-page': '普通页面',
      conversation: '一个会话',
    },
    {
      servers: '该发什么',
      'server-next': 'Next.js',
      'server-express': 'Express',
      'server-hono': 'Hono',
      'server-fastapi': 'FastAPI',
      'server-django': 'Django 和 Flask',
      'server-php': 'PHP',
      'server-spring': 'Spring',
      'server-go': 'Go',
      relay: '中继',
      providers: '直接调用模型厂商',
    },
    {
      reading: '三种读法',
      rendering: '写到页面上',
      dialects: '各家格式',
      cancelling: '停止',
      sdks: '配合官方 SDK',
    },
    {
      patience: '等多久',
      recovery: '出错了怎么办',
      reload: '刷新之后',
      'several-servers': '多个服务端',
      tabs: '切后台和断网',
    },
    { testing: '测试', security: '安全', proxies: '代理和平台' },
  ],
)
const pages = (/** @type {string} */ folder, /** @type {Record<string, string>} */ titles) =>
  Object.entries(titles).map(([page, text]) => ({ text, link: `/${folder}${page}` }))
const rest = [
  {
    text: 'Reference',
    items: [
      ...pages('reference/', {
        options: 'Options',
        callbacks: 'Callbacks',
        reply: 'Replies',
        errors: 'Errors',
        relay: 'The relay',
        entries: 'Entries',
      }),
      {
        text: 'API',
        link: '/api/',
        collapsed: true,
        items: existsSync(api) ? JSON.parse(readFileSync(api, 'utf8')) : [],
      },
    ],
  },
  {
    text: 'Change over from',
    items: pages('migrations/', {
      'fetch-event-source': 'fetch-event-source',
      'event-source': 'EventSource',
      'openai-sdk': 'the openai SDK',
      'use-chat': 'useChat',
      'hand-written-loop': 'a hand-written loop',
      'article-handler': "the article's handler",
    }),
  },
  {
    text: 'To know',
    items: pages('', {
      platforms: 'Browsers and runtimes',
      performance: 'Performance',
      size: 'Size',
      design: 'Design notes',
      versioning: 'Versions',
      questions: 'Questions',
    }),
  },
]
const inChinese = {
  docFooter: { prev: '上一页', next: '下一页' },
  outline: { label: '本页' },
  darkModeSwitchLabel: '外观',
  returnToTopLabel: '回到顶部',
  langMenuLabel: '语言',
  sidebarMenuLabel: '目录',
  skipToContentLabel: '跳到正文',
  lightModeSwitchTitle: '浅色',
  darkModeSwitchTitle: '深色',
}
const searchInChinese = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
  modal: {
    noResultsText: '没有找到',
    resetButtonTitle: '清空',
    displayDetails: '显示详情',
    backButtonTitle: '返回',
    footer: { selectText: '选择', navigateText: '移动', closeText: '关闭' },
  },
}

export default defineConfig({
  base: env.DOCS_BASE ?? '/docs/',
  title: 'Holdfast',
  description: 'A streamed answer arrives whole, or you are told exactly why not.',
  srcExclude: ['node_modules/**'],
  // Nothing is loaded from elsewhere.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  // A page for each name, as any static host has it.
  cleanUrls: false,
  metaChunk: true,
  lastUpdated: false,
  markdown: { anchor: { slugify: slugOf }, toc: { slugify: slugOf }, config: linksToRepository },
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      themeConfig: {
        nav: [
          { text: 'Guide', link: '/guide/first-page' },
          { text: 'Reference', link: '/reference/options' },
          { text: 'API', link: '/api/' },
        ],
      },
    },
    'zh-CN': {
      ...{
        label: '简体中文',
        lang: 'zh-CN',
        description: '大模型的流式回答，要么完整地到，要么明确告诉你为什么没到。',
      },
      themeConfig: {
        ...inChinese,
        nav: [
          { text: '指南', link: '/zh-CN/guide/first-page' },
          { text: '参考', link: '/reference/options' },
          { text: 'API', link: '/api/' },
        ],
      },
    },
  },
  themeConfig: {
    outline: [2, 3],
    sidebar: { '/': [...guide, ...rest], '/zh-CN/': [...guideZh, ...rest] },
    socialLinks: [{ icon: 'github', link: HOME }],
    search: {
      provider: 'local',
      options: {
        locales: { 'zh-CN': { translations: searchInChinese } },
        // Chinese has no spaces between its words: each pair of characters is one to search for.
        miniSearch: { options: { tokenize: wordsOf } },
      },
    },
  },
})

/** Is sent to the page as text, so it uses nothing from outside. @param {string} text */
function wordsOf(text) {
  const words = []
  for (const [word] of text.toLowerCase().matchAll(/[\p{Script=Han}]+|[^\s\p{P}\p{S}\p{Script=Han}]+/gu)) {
    if (!/\p{Script=Han}/u.test(word)) words.push(word)
    else for (let at = 0; at < Math.max(1, word.length - 1); at++) words.push(word.slice(at, at + 2))
  }
  return words
}
