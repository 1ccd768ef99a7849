// @ts-check
/** The figures as rows for `console.table`. */

/** @param {import('./record.mjs').Figures} figures */
export function row(figures) {
  return {
    'requests per ask, outage': times(figures.perAsk),
    'load, outage': times(figures.overNormal),
    'peak, outage': times(figures.peakDuring),
    'peak after': times(figures.peakAfter),
    'queue short after': seconds(figures.calmAfterMs),
    'users well after': seconds(figures.wellAfterMs),
    'answered in 1st minute after': `${(figures.answeredFirstMinute * 100).toFixed(1)} %`,
  }
}

/** With what the circuits did, if there are any. @param {import('./record.mjs').Figures} figures */
export function relayRow(figures) {
  const { opened, allOpenMs, allClosedMs } = figures
  const hasCircuit = opened > 0
  return {
    ...row(figures),
    'all circuits open after': hasCircuit ? seconds(allOpenMs, 1) : '',
    'all closed after the end': hasCircuit ? seconds(allClosedMs, 1) : '',
  }
}

/** @param {import('./record.mjs').Cuts} cuts */
export function blipRow({ cut, answered, most, heldBack, opened }) {
  return {
    'streams cut': cut,
    'answered all the same': answered,
    'most requests for one of them': most,
    'refused by the circuit': heldBack,
    'circuit opened': opened,
  }
}

/** @param {number} multiple */
export function times(multiple) {
  return `${multiple.toFixed(multiple < 0.1 ? 3 : 2)} ×`
}

/**
 * @param {number} ms
 * @param {number} [digits]
 */
function seconds(ms, digits = 0) {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(digits)} s` : 'not at all'
}
