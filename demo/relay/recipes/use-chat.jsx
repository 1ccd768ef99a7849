// `useChat` on a relay (use-chat-server.mjs): a reload goes on where the answer is, Stop stops the model.
import { useChat } from '@ai-sdk/react'
import { DefaultChatTransport } from 'ai'
import { useMemo } from 'react'

/** Reads and remembers where the answer to this chat is. @param {string} id - of the chat. */
export function transportFor(id) {
  const place = `answer of ${id}`
  const address = () => sessionStorage.getItem(place)
  const transport = new DefaultChatTransport({
    api: '/api/chat',
    prepareReconnectToStreamRequest: () => ({ api: address() ?? '' }),
    async fetch(url, init) {
      // Nothing to go on with: that is 204 for `useChat`, and anything else a failure.
      if (!url) return new Response(null, { status: 204 })
      const response = await fetch(url, init)
      const given = response.headers.get('content-location')
      if (given) sessionStorage.setItem(place, given)
      // Kept no longer (keepMs).
      return response.status === 404 ? new Response(null, { status: 204 }) : response
    },
  })
  const forget = () => sessionStorage.removeItem(place)
  // What useChat's own `stop` ends is the reading, and the model would go on for nobody.
  const stop = () => address() && fetch(address(), { method: 'DELETE' })
  return { transport, stop, forget }
}

export function Chat({ id = 'chat', initialMessages = [] }) {
  const { transport, stop, forget } = useMemo(() => transportFor(id), [id])
  const { messages, sendMessage, status, error } = useChat({
    ...{ id, transport, messages: initialMessages },
    resume: true,
    // A whole answer is among the messages from now on; keep those where you keep such things. One that is left, or cut
    // off, is gone on with.
    onFinish: ({ isAbort, isDisconnect }) => isAbort || isDisconnect || forget(),
  })
  const isBusy = status === 'submitted' || status === 'streaming'
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!isBusy) void sendMessage({ text: new FormData(event.currentTarget).get('question') })
      }}
    >
      {messages.map(({ id, role, parts }) => (
        <p key={id} className={role}>
          {parts.map((part) => (part.type === 'text' ? part.text : '')).join('')}
        </p>
      ))}
      <p role="status">{error ? error.message : status}</p>
      <input name="question" defaultValue="How does kelp hold on to a rock?" aria-label="Question" />
      {isBusy ? (
        <button type="button" onClick={() => void stop()}>
          Stop
        </button>
      ) : (
        <button type="submit">Send</button>
      )}
    </form>
  )
}
