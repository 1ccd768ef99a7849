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

/** Writes an answer into the page, whose tokens are the times at which they were sent; ms until each was there, and shown. */
globalThis.watchTokens = async (name) => {
  const { writers } = await import('/contenders/render.js')
  const element = document.querySelector('#answer')
  const url = new URL('/v1/paced', location.href).href
  const text = arrivals(element)
  const frame = arrivals(element)
  const observer = new MutationObserver(text.look)
  observer.observe(element, { childList: true, characterData: true, subtree: true })
  const channel = new MessageChannel()
  channel.port1.onmessage = frame.look
  let isOver = false
  requestAnimationFrame(function next() {
    // Its turn comes when the frame is done.
    channel.port2.postMessage(0)
    if (!isOver) requestAnimationFrame(next)
  })
  await writers[name](url, element)
  await new Promise((done) => setTimeout(done, 100))
  isOver = true
  return { text: text.ms, frame: frame.ms }
}

/** How late each token is, by the time that it says, when somebody looks. */
function arrivals(element) {
  const ms = []
  let length = 0
  return {
    ms,
    look() {
      const added = element.textContent.slice(length)
      length += added.length
      const now = performance.timeOrigin + performance.now()
      for (const sent of added.split(' ').filter(Boolean)) ms.push(now - Number(sent))
    },
  }
}
