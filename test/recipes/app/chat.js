/** The app that is tested: a form, and a paragraph that the answer is written into. */
import { createClient, isStreamError, render } from 'holdfast'

export function startChat(page) {
  const ai = createClient({ retry: { baseMs: 1 } })
  const [form, output, status] = ['form', '#answer', '[role=status]'].map((each) => page.querySelector(each))
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const messages = [{ role: 'user', content: form.elements.question.value }]
    status.textContent = 'Asking'
    try {
      await render(ai.stream('/api/chat', { json: { messages } }), output)
      status.textContent = 'Done'
    } catch (error) {
      status.textContent = isStreamError(error) ? `Failed: ${error.code}` : 'A bug'
    }
  })
}

export const PAGE = `<form><input name="question"><button>Ask</button></form>
  <p id="answer"></p><p role="status"></p>`
