// cold CPU in Node: node .cpu.mjs [dist dirs...]; prints median user-cpu us before fetch, whole

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { minify } from 'terser'

const child = `
const events = Array.from({length:500},(_, i)=>'data: '+JSON.stringify({id:'chatcmpl-D',object:'chat.completion.chunk',created:1778031210,model:'bench',service_tier:'default',system_fingerprint:'fp_5',choices:[{index:0,delta:{content:' w'+i},logprobs:null,finish_reason:null}]})+'\\n\\n')
events.push('data: '+JSON.stringify({id:'chatcmpl-D',object:'chat.completion.chunk',created:1,model:'bench',choices:[{index:0,delta:{},finish_reason:'stop'}]})+'\\n\\n','data: [DONE]\\n\\n')
const enc = new TextEncoder(); const parts=[]; for(let i=0;i<events.length;i+=+(process.env.PER??10)) parts.push(enc.encode(events.slice(i,i+ +(process.env.PER??10)).join('')))
let sent
globalThis.fetch = async () => { sent ??= performance.now(); let i=0; return new Response(new ReadableStream({pull(c){ if(i<parts.length)c.enqueue(parts[i++]); else c.close()}},{highWaterMark:0}),{headers:{'content-type':'text/event-stream'}}) }
await new Response(new ReadableStream({start(c){c.enqueue(enc.encode('x'));c.close()}})).text()
const {ask} = await import(process.argv[2])
const out=[]
for (let k=0;k<2;k++){ sent=undefined; let first; const t=performance.now(); await ask('http://x/v1/chat/completions',()=>{first??=performance.now()}); const e=performance.now(); out.push(sent-t, first-t, e-t) }
console.log(JSON.stringify(out))
`
writeFileSync('/tmp/cpu-child.mjs', child)
const which = process.argv.slice(2)
const files = {}
for (const w of which) {
  const [name, root = '/work/main'] = w.split('@')
  const { outputFiles } = await build({
    entryPoints: [`${root}/bench/cold/contenders/${name}.mjs`],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    nodePaths: ['/work/main/bench/cold/node_modules'],
  })
  const { code } = await minify(outputFiles[0].text, { module: true, ecma: 2020 })
  files[w] = `/tmp/cpu-${w.replace(/\W/g, '_')}.mjs`
  writeFileSync(files[w], code)
}
const R = Number(process.env.R ?? 25),
  res = Object.fromEntries(which.map((w) => [w, []]))
for (let r = 0; r < R; r++)
  for (const w of which)
    res[w].push(
      JSON.parse(
        execFileSync('node', ['/tmp/cpu-child.mjs', files[w]], { stdio: ['ignore', 'pipe', 'ignore'] }),
      ),
    )
const q = (l, p) => l.sort((a, b) => a - b)[Math.floor(l.length * p)]
for (const w of which)
  console.log(
    w.padEnd(40),
    ['sent', 'first', 'total', 'sent2', 'first2', 'total2']
      .map(
        (n, i) =>
          `${n} ${q(
            res[w].map((x) => x[i]),
            0.2,
          ).toFixed(2)}`,
      )
      .join('  '),
  )
