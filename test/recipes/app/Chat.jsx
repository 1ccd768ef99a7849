/** The same as a component. */
import { stream } from 'holdfast'
import { useConversation } from 'holdfast/react'

export function Chat() {
  const { messages, words, error, ask } = useConversation({
    ask: (messages, options) => stream('/api/chat', { ...options, json: { messages } }),
  })
  const submit = (event) => {
    event.preventDefault()
    ask(String(new FormData(event.currentTarget).get('question')))
  }
  return (
    <>
      <ol>
        {/* Turns are only added at the end, so their place is a good key. */}
        {messages.map(({ role, content }, at) => (
          <li key={at} className={role}>
            {content}
          </li>
        ))}
      </ol>
      <p role="status">{words}</p>
      {error && <p role="alert">{error.message}</p>}
      <form onSubmit={submit}>
        <label>
          Your question <input name="question" />
        </label>
        <button type="submit">Ask</button>
      </form>
    </>
  )
}
