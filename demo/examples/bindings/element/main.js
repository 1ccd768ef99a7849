import { stream } from 'holdfast'
import { defineAnswer } from 'holdfast/element'

defineAnswer(stream)

const [log, form, question, stop, again] = ['ol', 'form', '#question', '#stop', '#again'].map((part) =>
  document.querySelector(part),
)
let last

function show(content, options = {}) {
  last?.stop()
  const answer = document.createElement('holdfast-answer')
  const turns = ['user', 'assistant'].map((role) =>
    Object.assign(document.createElement('li'), { className: role }),
  )
  turns[0].append(content)
  turns[1].append(answer)
  log.append(...turns)
  last = answer
  // To change: the provider's own body, and a path on your server.
  const body = { model: 'simulated', stream: true, messages: [{ role: 'user', content }] }
  answer.options = options
  answer.setAttribute('json', JSON.stringify(body))
  answer.src = `/answers?ask=${Date.now()}&${location.search.slice(1)}`
  answer.addEventListener('done', () => toggle(false))
  answer.addEventListener('error', ({ detail: { code, message } }) => {
    toggle(false)
    if (code === 'aborted') return
    const alert = Object.assign(document.createElement('p'), { textContent: message, role: 'alert' })
    turns[1].append(alert)
  })
  toggle(true)
}

function toggle(isBusy) {
  stop.hidden = !isBusy
  again.hidden = isBusy
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  show(question.value)
})
stop.addEventListener('click', () => last.stop())
again.addEventListener('click', () => {
  toggle(true)
  last.ask()
})

// An answer that is under way goes on when the page is there again.
addEventListener('pagehide', () => {
  const from = last?.reply?.checkpoint()
  if (from) localStorage.setItem('answer', JSON.stringify({ content: question.value, from }))
})
const kept = localStorage.getItem('answer')
if (kept) {
  const { content, from } = JSON.parse(kept)
  localStorage.removeItem('answer')
  show(content, { from })
}
