// @ts-check
import { showBreaker } from './breaker.js'
import { listen, showButtons } from './composer.js'
import { begin, tick } from './conversation.js'
import { $ } from './element.js'
import { elsewhere } from './second-tab.js'
import { listFaults } from './settings.js'

/** @type {ReturnType<typeof setTimeout> | undefined} */
let ticking

/** Brings everything up to date, and again as long as something changes with time. */
function refresh() {
  showButtons()
  clearTimeout(ticking)
  const isCounting = [tick(), showBreaker()].includes(true)
  if (isCounting) ticking = setTimeout(refresh, 100)
}

$('unstarted').remove()
listen()
document.body.classList.toggle('elsewhere', elsewhere !== undefined)
if (!elsewhere) $('question').focus({ preventScroll: true })
begin(refresh)
await listFaults()
refresh()
