import {build} from 'esbuild'; import {minify} from 'terser'; import {gzipSync} from 'node:zlib'; import {readdirSync} from 'node:fs'
const size=async(c)=>{const {outputFiles}=await build({stdin:{contents:c,resolveDir:process.cwd(),loader:'ts'},bundle:true,minify:true,write:false,format:'esm',target:'es2022'}); const {code}=await minify(outputFiles[0].text,{module:true,ecma:2022,compress:{passes:3}}); return gzipSync(code,{level:9}).length}
const base=await size("export { createClient } from './src/index.ts'")
const both=await size("export { createClient } from './src/index.ts'; export { createRelay, memoryStore } from './src/relay/index.ts'")
console.log('marginal',both-base, 'alone', await size("export { createRelay, memoryStore } from './src/relay/index.ts'"))
