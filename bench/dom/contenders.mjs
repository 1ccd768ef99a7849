// The ways to bring a streamed answer into a box and keep its end in view. Runs in the page.
import { render, stream } from '../../dist/holdfast.min.js'

const box = document.querySelector('#box')
const answer = document.querySelector('#answer')

/** What pages do by hand: read, decode, split, parse. */
async function* deltas() {
  const { body } = await fetch('/stream')
  const decoder = new TextDecoder()
  let buffer = ''
  for await (const bytes of body) {
    buffer += decoder.decode(bytes, { stream: true })
    const blocks = buffer.split('\n\n')
    buffer = blocks.pop() ?? ''
    for (const block of blocks) {
      if (block === 'data: [DONE]') return
      yield JSON.parse(block.slice(6)).choices[0].delta.content ?? ''
    }
  }
}

const contenders = {
  async textContent() {
    for await (const text of deltas()) {
      answer.textContent += text
      box.scrollTop = box.scrollHeight
    }
  },

  async append() {
    for await (const text of deltas()) {
      answer.append(text)
      box.scrollTop = box.scrollHeight
    }
  },

  /** The bound: the least that a page can do for the same frames. */
  async appendData() {
    const node = answer.appendChild(document.createTextNode(''))
    let waiting = ''
    for await (const text of deltas()) {
      if (waiting === '')
        requestAnimationFrame(() => {
          node.appendData(waiting)
          waiting = ''
          box.scrollTop = box.scrollHeight
        })
      waiting += text
    }
  },

  render: () => render(stream('/stream', { json: {} }), answer, { follow: true }),
}

globalThis.begin = (name) => {
  performance.mark('bench:dom')
  contenders[name]()
}
