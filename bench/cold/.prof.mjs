import { build } from 'esbuild'
import puppeteer from 'puppeteer-core'
import { chromiumArgs, chromiumPath } from '../../test/browser/installed.mjs'
import { startSite } from './serve.mjs'

const name = process.argv[2] ?? 'core'
const { outputFiles } = await build({
  entryPoints: [`bench/cold/contenders/${name}.mjs`],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
})
const site = await startSite(new Map([[name, outputFiles[0].text]]), 500)
const browser = await puppeteer.launch({ executablePath: chromiumPath, args: chromiumArgs, headless: true })
const self = new Map(),
  rowsT = []
const N = 6
for (let i = 0; i < N; i++) {
  const ctx = await browser.createBrowserContext()
  const page = await ctx.newPage()
  await page.goto(site.url)
  await page.evaluate(`load('${name}')`)
  const cdp = await page.createCDPSession()
  await cdp.send('Profiler.enable')
  await cdp.send('Profiler.setSamplingInterval', { interval: 50 })
  await cdp.send('Profiler.start')
  const [a] = await page.evaluate('measure(1)')
  const { profile } = await cdp.send('Profiler.stop')
  rowsT.push([a.sent, a.first, a.total].map((x) => x.toFixed(1)).join(' '))
  const byId = new Map(profile.nodes.map((n) => [n.id, n]))
  profile.samples.forEach((id, k) => {
    const n = byId.get(id)
    const f = n.callFrame
    const key = `${f.functionName || '(anon)'}:${f.lineNumber}`
    self.set(key, (self.get(key) ?? 0) + profile.timeDeltas[k] / 1000 / N)
  })
  await ctx.close()
}
console.log(rowsT.join(' | '))
for (const [k, v] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 45))
  console.log(v.toFixed(2).padStart(8), k)
await browser.close()
await site.close()
