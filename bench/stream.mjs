// @ts-check
/**
 * What Holdfast costs: the time to deliver a stream of 100,000 events, against a bare loop that only reads, decodes,
 * splits and parses the same bytes. Then the heap after a stream against the heap before it.
 *
 * Ratios of medians, because these machines are shared. Every contender has a process of its own, as it would have
 * at a user's: in one process they teach the engine each other's shapes and inherit each other's garbage. They take
 * turns, one run each, so that they meet the same weather. No forced collections in between: those throw away what
 * the engine has learnt.
 *
 *     npm run bench            (BENCH_EVENTS, BENCH_RUNS)
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { stream } from '../dist/index.js'

const EVENTS = Number(process.env.BENCH_EVENTS ?? 100_000)
// A multiple of the contenders, so that each of them takes each turn equally often.
const RUNS = Number(process.env.BENCH_RUNS ?? 12)
const SHORT_EVENTS = 20_000
const WARM_UP = 3

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

/** Each keeps the text once: the bare loop in its variable, Holdfast in its answer. A caller is handed pieces. */
const contenders = {
  bare: async (chunks) => (await bare(chunks)).length,
  'answer()': async (chunks) => (await open(chunks, {}).answer()).text.length,
  onChunk: async (chunks) => {
    let length = 0
    const onChunk = (piece) => {
      length += piece.length
    }
    await open(chunks, { onChunk }).answer()
    return length
  },
  'for await': async (chunks) => {
    let length = 0
    for await (const delta of open(chunks, {})) if (delta.type === 'text') length += delta.text.length
    return length
  },
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]

/** An answer, as it may arrive. */
function shapesOf(count) {
  const all = events(count).map((event) => new TextEncoder().encode(event))
  const bytes = Buffer.concat(all)
  return {
    'one event a chunk': all,
    '16 KiB chunks': pieces(bytes, 16 * 1024),
    '100-byte fragments': pieces(bytes, 100),
  }
}

const shapes = shapesOf(EVENTS)
const bytes = shapes['one event a chunk'].reduce((sum, { length }) => sum + length, 0)

/** One contender's process: runs once each time it is told to. */
function serve(contender, shape) {
  const chunks = shapes[shape]
  process.on('message', async () => {
    const start = performance.now()
    const length = await contenders[contender](chunks)
    process.send?.({ ms: performance.now() - start, length })
  })
}

async function compare(shape) {
  const racers = Object.keys(contenders).map((name) => ({
    name,
    times: [],
    child: fork(import.meta.filename, [name, shape]),
  }))
  const lengths = new Set()
  for (let run = -WARM_UP; run < RUNS; run++) {
    // Each round begins with another one, should it matter who comes after whom.
    const turn = (run + WARM_UP) % racers.length
    for (const { child, times } of [...racers.slice(turn), ...racers.slice(0, turn)]) {
      child.send('run')
      const [{ ms, length }] = await once(child, 'message')
      lengths.add(length)
      if (run >= 0) times.push(ms)
    }
  }
  for (const { child } of racers) child.kill()
  if (lengths.size !== 1)
    throw new Error(`the contenders disagree about the text: ${[...lengths]} characters`)
  return Object.fromEntries(racers.map(({ name, times }) => [name, median(times)]))
}

/** As others measure: all in one process, a short answer, and a collection before each run. */
async function compareInOneProcess() {
  const rows = []
  for (const [shape, chunks] of Object.entries(shapesOf(SHORT_EVENTS))) {
    const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
    for (let run = -WARM_UP; run < RUNS; run++) {
      for (const [name, list] of Object.entries(times)) {
        globalThis.gc?.()
        const start = performance.now()
        await contenders[name](chunks)
        if (run >= 0) list.push(performance.now() - start)
      }
    }
    const { bare, ...ours } = Object.fromEntries(
      Object.entries(times).map(([name, list]) => [name, median(list)]),
    )
    rows.push(rowOf(shape, bare, ours))
  }
  return rows
}

/** KiB that two more streams leave behind, answers let go. */
async function heap() {
  const used = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const after = []
  for (let run = 0; run < 6; run++) {
    await open(shapes['16 KiB chunks'], { onChunk: () => {} }).answer()
    after.push(used())
  }
  // The first two runs load and compile.
  return (median(after.slice(4)) - median(after.slice(2, 4))) / 1024
}

async function main() {
  const size = (bytes / 1e6).toFixed(1)
  console.log(`${EVENTS} events, ${size} MB, ${RUNS} interleaved runs, Node ${process.version}\n`)
  const rows = []
  for (const shape of Object.keys(shapes)) {
    const { bare, ...ours } = await compare(shape)
    rows.push(rowOf(shape, bare, ours))
  }
  console.table(rows)
  console.log('Ratios to the bare loop; the target is at most 1.12.\n')
  if (!globalThis.gc) return
  console.log(`${SHORT_EVENTS} events, all in one process, a collection before each run`)
  console.table(await compareInOneProcess())
  console.log('Ratios to the bare loop; the target is at most 1.25.\n')
  console.log(`Heap after two more streams, answers let go: ${(await heap()).toFixed(0)} KiB`)
}

function rowOf(shape, bare, ours) {
  const ratios = Object.entries(ours).map(([name, ms]) => [name, (ms / bare).toFixed(2)])
  return { shape, 'bare ms': Math.round(bare), ...Object.fromEntries(ratios) }
}

const [contender, shape] = process.argv.slice(2)
if (contender && shape) serve(contender, shape)
else await main()
