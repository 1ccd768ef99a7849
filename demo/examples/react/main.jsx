import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Chat } from './Chat.jsx'

// Exported for the test, which takes the page down in the middle of an answer.
export const root = createRoot(document.querySelector('#root'))
root.render(
  <StrictMode>
    <Chat />
  </StrictMode>,
)
