// The page that is measured: it loads one contender and asks. Everything it has is asked for by name from outside.

const URL_OF_ANSWERS = new URL('/v1/chat/completions', location.href).href
const network = globalThis.fetch
let sentAt
globalThis.fetch = function fetch(...args) {
  sentAt ??= performance.now()
  return network.apply(globalThis, args)
}

let ask

/** Loads the contender; ms until its code has run. */
globalThis.load = async (name) => {
  const began = performance.now()
  ;({ ask } = await import(`/contenders/${name}.js`))
  return performance.now() - began
}

/** One answer after another; ms from the call on. */
globalThis.measure = async (count) => {
  const answers = []
  for (let i = 0; i < count; i++) answers.push(await measureOne())
  return answers
}

async function measureOne() {
  let firstAt
  let chars = 0
  sentAt = undefined
  const began = performance.now()
  await ask(URL_OF_ANSWERS, (text) => {
    firstAt ??= performance.now()
    chars += text.length
  })
  return { sent: sentAt - began, first: firstAt - began, total: performance.now() - began, chars }
}

/** Begins answers that never end, over a network that is none, each with some text; they stay open. */
globalThis.openMany = (count) => {
  const encoder = new TextEncoder()
  const event = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'bench', choices: [{ index: 0, delta: { content: ' word' } }] })}\n\n`
  globalThis.fetch = async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 10; i++) controller.enqueue(encoder.encode(event))
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  globalThis.opened = Array.from({ length: count }, () => ask(URL_OF_ANSWERS, () => {}))
}
