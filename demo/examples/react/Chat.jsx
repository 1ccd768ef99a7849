import { useEffect, useRef, useState } from 'react'
// To change (1): `from 'holdfast'`.
import { render, stream } from '/dist/holdfast.min.js'

// To change (2): a path on your server, which adds the provider's key.
const endpoint = '/answers'

/** A question, and its answer as it is written. The text never goes through React's state: no token renders anything. */
export function Chat() {
  const [question, setQuestion] = useState('How does kelp hold on to a rock?')
  const [asked, setAsked] = useState(null)
  const [state, setState] = useState({})
  const place = useRef(null)
  const stop = useRef(() => {})

  useEffect(() => {
    if (!asked) return
    // An element for each run: what an earlier one still writes goes nowhere. That also makes StrictMode safe,
    // which runs every effect twice; a reply that is cancelled at once sends nothing.
    const text = place.current.appendChild(document.createElement('div'))
    let isOver = false
    const show = (next) => isOver || setState(next)
    const writing = (words) => show({ isWriting: true, words })
    writing('Writing the answer…')
    const reply = ask(asked.question, writing)
    stop.current = () => reply.stop()
    render(reply, text, { follow: true }).then(
      () => show({ words: 'The answer is complete.' }),
      ({ code, message }) => show(code === 'aborted' ? { words: 'Stopped.' } : { error: message }),
    )
    return () => {
      isOver = true
      reply.cancel()
      text.remove()
    }
  }, [asked])

  const submit = (event) => {
    event.preventDefault()
    // A new object each time, so that the same question can be asked again.
    if (state.isWriting) stop.current()
    else setAsked({ question })
  }
  return (
    <>
      <div className="answer" ref={place} />
      <p role="status">{state.words}</p>
      <p role="alert">{state.error}</p>
      <form onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && stop.current()}>
        <label htmlFor="question">Your question</label>
        <input
          id="question"
          required
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
        />
        <button type="submit">{state.isWriting ? 'Stop' : 'Send'}</button>
      </form>
    </>
  )
}

function ask(content, say) {
  return stream(endpoint + fault(), {
    // To change (3): the provider's own body.
    json: { model: 'simulated', stream: true, messages: [{ role: 'user', content }] },
    onOpen: () => say('Writing the answer…'),
    onRetry: ({ reason, delayMs }) => say(`Trying again in ${Math.ceil(delayMs / 1000)} s: ${reason}.`),
  })
}

// For the demo only: ?fault=cut in the page's address breaks the first attempt of each question.
const fault = () => `?ask=${Date.now()}&${location.search.slice(1)}`
