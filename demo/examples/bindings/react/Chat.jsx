import { useConversation } from 'holdfast/react'
import { useEffect, useState } from 'react'
import { ask, initial, keep } from '../ask.js'

export function Chat() {
  const chat = useConversation({ ask, initial })
  const [question, setQuestion] = useState('How does kelp hold on to a rock?')
  useEffect(() => keep(chat), [])

  const submit = (event) => {
    event.preventDefault()
    chat.ask(question)
  }
  return (
    <>
      <ol>
        {/* Turns are only added at the end, so their place is a good key. */}
        {chat.messages.map(({ role, content }, at) => (
          <li key={at} className={role}>
            {content}
          </li>
        ))}
      </ol>
      <p role="status">{chat.words}</p>
      {chat.error && <p role="alert">{chat.error.message}</p>}
      <form onSubmit={submit}>
        <label htmlFor="question">Your question</label>
        <input id="question" required value={question} onChange={({ target }) => setQuestion(target.value)} />
        <button type="submit">Send</button>
        {chat.isBusy ? (
          <button type="button" id="stop" onClick={chat.stop}>
            Stop
          </button>
        ) : (
          <button type="button" id="again" onClick={chat.regenerate}>
            Again
          </button>
        )}
      </form>
    </>
  )
}
