/** `useChat` in a component, in a page that nobody sees. */
import type { UIMessage } from 'ai'
import { Window } from 'happy-dom'

const untyped = (name: string) => import(/* @vite-ignore */ name)

interface Seen {
  sendMessage(message: { readonly text: string }): unknown
}

interface Ended {
  readonly message: UIMessage
  readonly isError: boolean
}

/** Asks once, and waits until it says that it is done. */
export async function askUseChat(baseURL: string, fetch: typeof globalThis.fetch): Promise<string> {
  const { document } = page()
  const { createElement, useEffect } = await untyped('react')
  const { createRoot } = await untyped('react-dom/client')
  const { useChat } = await untyped('@ai-sdk/react')
  const { DefaultChatTransport } = await import('ai')
  const transport = new DefaultChatTransport({ api: `${baseURL}/chat`, fetch })
  const root = createRoot(document.createElement('div'))
  try {
    return await new Promise<string>((resolve, reject) => {
      const done = { onError: reject, onFinish: (end: Ended) => end.isError || resolve(textOf(end.message)) }
      const Chat = () => {
        const { sendMessage }: Seen = useChat({ transport, ...done })
        useEffect(() => void sendMessage({ text: 'Hi' }), [])
        return null
      }
      root.render(createElement(Chat))
    })
  } finally {
    root.unmount()
  }
}

function textOf(message: UIMessage | undefined): string {
  const parts = message?.role === 'assistant' ? message.parts : []
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

let window: Window | undefined

// React asks once, when it is loaded, whether there is a page.
function page(): Window {
  if (window) return window
  window = new Window({ url: 'http://localhost' })
  const { document, navigator } = window
  for (const [name, value] of Object.entries({ window, document, navigator }))
    Object.defineProperty(globalThis, name, { value, configurable: true })
  return window
}
