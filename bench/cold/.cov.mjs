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
const src = outputFiles[0].text
const site = await startSite(new Map([[name, src]]), 500)
const browser = await puppeteer.launch({ executablePath: chromiumPath, args: chromiumArgs, headless: true })
const page = await browser.newPage()
await page.goto(site.url)
const cdp = await page.createCDPSession()
await cdp.send('Profiler.enable')
await cdp.send('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
const take = async () =>
  (await cdp.send('Profiler.takePreciseCoverage')).result.find((r) => r.url.includes('/contenders/'))
await page.evaluate(`load('${name}')`)
await take()
await page.evaluate(
  `(() => { const real=globalThis.fetch; globalThis.fetch = function(...a){ return new Promise(r=>{ globalThis.go=()=>r(real(...a)) }) }; globalThis.done = measure(1) })()`,
)
await new Promise((r) => setTimeout(r, 500))
const show = (cov, title, top) => {
  const fns = []
  for (const f of cov?.functions ?? []) {
    const r = f.ranges[0]
    if (r.count > 0 && f.functionName !== '') {
      // own source = minus nested? approximate
      fns.push([r.endOffset - r.startOffset, r.count, f.functionName])
    }
  }
  const calls = fns.reduce((s, f) => s + f[1], 0),
    bytes = fns.reduce((s, f) => s + f[0], 0)
  console.log(title, 'functions', fns.length, 'calls', calls, 'bytes', bytes)
  if (top) for (const f of fns.sort((a, b) => b[0] - a[0]).slice(0, top)) console.log('  ', f.join(' '))
}
const c1 = await take()
show(c1, 'before fetch', Number(process.argv[3] ?? 0))
await page.evaluate('go(); 0')
await page.evaluate('done.then(()=>0)')
const c2 = await take()
show(c2, 'after fetch', Number(process.argv[3] ?? 0))
if (process.argv[4]) {
  console.log('BY COUNT')
  for (const f of c2.functions
    .map((f) => [f.ranges[0].count, f.functionName])
    .sort((a, b) => b[0] - a[0])
    .slice(0, 60))
    console.log('  ', f.join(' '))
}
await browser.close()
await site.close()
