/** Whatever a model says, or is made to say: streamed into a page it does nothing but appear, in every engine. */
import { beforeEach, describe, expect, test } from 'vitest'
import { openPage } from './asking.ts'
import { engines } from './engines.ts'
import { startRawServer } from './raw-server.ts'
import { useBrowser } from './use-browser.ts'

// Every address is the server's own, so that it would know.
const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['an image that fails', '<img src=/stray/1 onerror="hit(1)">'],
  ['a drawing that loads', '<svg onload="hit(2)"><image href="/stray/2"/></svg>'],
  ['a script', '<script>hit(3)</script><script src="/stray/3"></script>'],
  ['the end of what it stands in', '</div></body></html><iframe src="javascript:parent.hit(4)"></iframe>'],
  ['links', '[link](javascript:hit(5)) <a href="javascript:hit(5)">link</a> javascript:hit(5)'],
  ['a style sheet', '<style>*{display:none}</style><link rel=stylesheet href=/stray/6>'],
  ['an image in Markdown', '![image](/stray/7)'],
  ['entities', '&lt;b&gt; &amp; &#60;i&#62; &nbsp;'],
  ['a comment that never ends', '<!-- <![CDATA[ <textarea> <plaintext>'],
  ['bidi controls', 'a \u202egnp.exe\u202c \u2066\u2067\u2068 b \u200f\u200e'],
  ['controls', 'NUL \u0000 bell \u0007 backspace \u0008 escape \u001b[2J delete \u007f'],
  // One at the very end would not be shown.
  ['halves of pairs', 'first \ud83c alone, second \udf00 alone, turned round \udf00\ud83c.'],
  ['no characters', '\uffff \ufffe \ufeff \ufdd0 \u{10ffff}'],
  ['combining marks', `Z${'\u0351\u0323\u0489'.repeat(500)}`],
  ['all kinds of line ends', 'a\r\nb\rc\u2028d\u2029e\u0085f\u000bg\u000ch'],
]

describe.each(engines)('in $name', (engine) => {
  const { driver, server } = useBrowser(engine, startRawServer)
  beforeEach(async () => {
    await openPage(driver, server.origin)
    await driver.evaluate(`(() => {
      document.body.innerHTML = '<div id="output" style="width: 400px; white-space: pre-wrap; overflow-wrap: anywhere"></div>'
      Object.assign(globalThis, { output: document.querySelector('#output'), hits: [], hit: (n) => hits.push(n) })
    })()`)
  })

  /** Streams the pieces over the network into the element; its text. */
  const rendered = (pieces: readonly string[], options = '{}') =>
    driver.evaluate<string>(
      `render(stream('/say', { json: ${JSON.stringify(pieces)} }), output, ${options}).then(() => output.textContent)`,
    )

  const inPieces = (text: string) => text.match(/.{1,7}/gs) ?? []

  test.each(HOSTILE)('%s: nothing but text', async (_what, text) => {
    const count = 'document.querySelectorAll("*").length'
    const before = await driver.evaluate(count)
    expect(await rendered(inPieces(text))).toBe(text)
    // What it could have loaded or run, it would have by the time a whole request has gone there and back.
    await driver.evaluate("fetch('/').then((response) => response.text())")
    await driver.evaluate('new Promise((resolve) => setTimeout(resolve))')
    expect(await driver.evaluate(`[${count}, output.childElementCount, hits]`)).toEqual([before, 0, []])
    expect(await driver.evaluate('output.getClientRects().length > 0')).toBe(true)
    expect(server.strayRequests).toEqual([])
  })

  test.each([
    ['in one piece', 1],
    ['in a hundred', 100],
  ])('1 MB without a space %s appears whole and stays inside its box', async (_how, pieces) => {
    const piece = 'x'.repeat(1_000_000 / pieces)
    const json = `Array(${pieces}).fill('${piece}')`
    const length = await driver.evaluate(
      `render(stream('/say', { json: ${json} }), output).then(() => output.textContent.length)`,
    )
    expect(length).toBe(1_000_000)
    expect(await driver.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await driver.evaluate('output.offsetWidth')).toBe(400)
    expect(await driver.evaluate('output.scrollWidth')).toBe(400)
  })

  test.each(['{ smooth: true }', '{ follow: true }'])('with %s it is the same', async (options) => {
    const all = HOSTILE.map(([, text]) => text).join('\n')
    expect(await rendered(inPieces(all), options)).toBe(all)
    await driver.evaluate("fetch('/').then((response) => response.text())")
    expect(await driver.evaluate('[output.childElementCount, hits]')).toEqual([0, []])
    expect(server.strayRequests).toEqual([])
  })
})
