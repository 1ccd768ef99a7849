// @ts-check
import { showBreaker } from './breaker.js'
import { listen, showButtons } from './composer.js'
import { begin, tick } from './conversation.js'
import { $ } from './element.js'
import { showFront } from './front.js'
import { translate } from './language.js'
import { showPanes } from './panes.js'
import { elsewhere } from './second-tab.js'
import { listFaults, restoreSettings } from './settings.js'
import { offerTricks } from './tricks.js'

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
translate()
restoreSettings()
showFront()
showPanes()
listen()
document.body.classList.toggle('elsewhere', elsewhere !== undefined)
begin(refresh)
await Promise.all([listFaults(), offerTricks()])
refresh()
