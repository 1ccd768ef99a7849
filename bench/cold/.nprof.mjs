import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const [name = 'core', phase = 'sent', top = '40', root = '/work/main'] = process.argv.slice(2)
const { outputFiles } = await build({
  entryPoints: [`${root}/bench/cold/contenders/${name}.mjs`],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  nodePaths: ['/work/main/bench/cold/node_modules'],
})
writeFileSync('/tmp/prof-bundle.mjs', outputFiles[0].text)
const self = new Map(),
  incl = new Map()
const R = 20
const sent = []
for (let r = 0; r < R; r++) {
  const o = JSON.parse(
    execFileSync('node', ['/tmp/prof-child.mjs', '/tmp/prof-bundle.mjs', phase], { maxBuffer: 1e9 }),
  )
  sent.push(o.sent)
  const byId = new Map(o.profile.nodes.map((n) => [n.id, n]))
  const parent = new Map()
  for (const n of o.profile.nodes) for (const c of n.children ?? []) parent.set(c, n.id)
  o.profile.samples.forEach((id, k) => {
    const d = o.profile.timeDeltas[k] / 1000 / R
    const seen = new Set()
    let first = true
    for (let i = id; i !== undefined; i = parent.get(i)) {
      const f = byId.get(i).callFrame
      const key = `${f.functionName || '(anon)'}:${f.lineNumber} ${f.url.split('/').pop().slice(0, 20)}`
      if (first) {
        self.set(key, (self.get(key) ?? 0) + d)
        first = false
      }
      if (!seen.has(key)) {
        seen.add(key)
        incl.set(key, (incl.get(key) ?? 0) + d)
      }
    }
  })
}
console.log('sent', sent.sort((a, b) => a - b)[R >> 1].toFixed(2))
console.log('INCL')
for (const [k, v] of [...incl].sort((a, b) => b[1] - a[1]).slice(0, +top))
  console.log(v.toFixed(3).padStart(8), (self.get(k) ?? 0).toFixed(3).padStart(7), k)
