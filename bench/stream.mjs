// @ts-check
/**
 * What Holdfast costs: the time to deliver a stream of 100,000 events, against a bare loop that only reads, decodes,
 * splits and parses the same bytes. Ratios of medians from interleaved runs in one process, because these machines
 * are shared; no forced collections in between, because they throw away what the engine has learnt. Then the heap after a stream against the heap before it.
 *
 *     npm run bench            (BENCH_EVENTS, BENCH_RUNS)
 */
import { stream } from '../dist/index.js'

const EVENTS = Number(process.env.BENCH_EVENTS ?? 100_000)
// A multiple of the contenders, so that each of them takes each turn equally often.
const RUNS = Number(process.env.BENCH_RUNS ?? 12)

/** The chunks of an answer in OpenAI's chat format, one event each, as recorded from the real API. */
function events(count) {
  const head = '"object":"chat.completion.chunk","created":1778031210,"model":"gpt-4o-mini-2024-07-18"'
  const chunk = (choices) =>
    `data: {"id":"chatcmpl-D",${head},"service_tier":"default","system_fingerprint":"fp_5","choices":[${choices}],"usage":null,"obfuscation":"lVzwlh"}\n\n`
  const texts = Array.from({ length: count }, (_, i) =>
    chunk(`{"index":0,"delta":{"content":" w${i % 1000}"},"logprobs":null,"finish_reason":null}`),
  )
  return [
    ...texts,
    chunk('{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}'),
    'data: [DONE]\n\n',
  ]
}

/** Cuts one long byte string into pieces of a size. */
function pieces(bytes, size) {
  const list = []
  for (let at = 0; at < bytes.length; at += size) list.push(bytes.subarray(at, at + size))
  return list
}

/** A response whose body hands out the chunks as they are asked for: no network, so that only the code is timed. */
function respond(chunks) {
  let next = 0
  const source = {
    pull(controller) {
      if (next < chunks.length) controller.enqueue(chunks[next++])
      else controller.close()
    },
  }
  // No queue: else whoever reads a turn later finds one chunk ready for ever, and pays for the queue.
  const body = new ReadableStream(source, { highWaterMark: 0 })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** The yardstick: the least anyone has to do to get the text out. */
async function bare(chunks) {
  const reader = respond(chunks).body.getReader()
  const decoder = new TextDecoder()
  let buffer = ''
  let text = ''
  for (;;) {
    const part = await reader.read()
    if (part.done) return text
    buffer += decoder.decode(part.value, { stream: true })
    const blocks = buffer.split('\n\n')
    buffer = blocks.pop() ?? ''
    for (const block of blocks) {
      if (block === 'data: [DONE]') continue
      const chunk = JSON.parse(block.slice(6))
      text += chunk.choices[0].delta.content ?? ''
    }
  }
}

const open = (chunks, options) =>
  stream('http://bench.invalid/', { json: {}, fetch: async () => respond(chunks), ...options })

const contenders = {
  bare,
  'answer()': async (chunks) => (await open(chunks, {}).answer()).text,
  onChunk: async (chunks) => {
    let text = ''
    const onChunk = (piece) => {
      text += piece
    }
    await open(chunks, { onChunk }).answer()
    return text
  },
  'for await': async (chunks) => {
    let text = ''
    for await (const delta of open(chunks, {})) if (delta.type === 'text') text += delta.text
    return text
  },
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]

async function compare(chunks) {
  const names = Object.keys(contenders)
  const times = Object.fromEntries(names.map((name) => [name, []]))
  const lengths = new Set()
  for (let run = -2; run < RUNS; run++) {
    // Each round begins with another one: whoever runs first finds other caches than whoever runs last.
    const turn = (run + names.length) % names.length
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const start = performance.now()
      lengths.add((await contenders[name](chunks)).length)
      // The first rounds warm the engine up.
      if (run >= 0) times[name].push(performance.now() - start)
    }
  }
  if (lengths.size !== 1)
    throw new Error(`the contenders disagree about the text: ${[...lengths]} characters`)
  return times
}

async function heap(chunks) {
  const used = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const after = []
  for (let run = 0; run < 6; run++) {
    await open(chunks, { onChunk: () => {} }).answer()
    after.push(used())
  }
  // The first two runs load and compile.
  return (median(after.slice(4)) - median(after.slice(2, 4))) / 1024
}

const all = events(EVENTS).map((event) => new TextEncoder().encode(event))
const bytes = Buffer.concat(all)
const shapes = {
  'one event a chunk': all,
  '16 KiB chunks': pieces(bytes, 16 * 1024),
  '100-byte fragments': pieces(bytes, 100),
}

console.log(
  `${EVENTS} events, ${(bytes.length / 1e6).toFixed(1)} MB, ${RUNS} interleaved runs, Node ${process.version}\n`,
)
const rows = []
for (const [shape, chunks] of Object.entries(shapes)) {
  const times = await compare(chunks)
  const row = { shape, 'bare ms': Math.round(median(times.bare)) }
  for (const name of Object.keys(contenders).slice(1))
    row[name] = (median(times[name]) / median(times.bare)).toFixed(2)
  rows.push(row)
}
console.table(rows)
console.log(
  'Ratios to the bare loop (target: at most 1.15; `for await` adds what the language asks for each step).\n',
)
if (globalThis.gc)
  console.log(
    `Heap after two more streams, answers let go: ${(await heap(shapes['16 KiB chunks'])).toFixed(0)} KiB`,
  )
