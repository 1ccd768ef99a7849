// @ts-check
/** The figures as rows for `console.table`. */

/**
 * @param {string} name
 * @param {import('./record.mjs').Figures} figures
 */
export function row(name, figures) {
  return {
    strategy: name,
    'requests per ask, outage': times(figures.perAsk),
    'load, outage': times(figures.overNormal),
    'peak, outage': times(figures.peakDuring),
    'peak after': times(figures.peakAfter),
    'queue short after': seconds(figures.calmAfterMs),
    'users well after': seconds(figures.wellAfterMs),
    'answered in 1st minute after': `${(figures.answeredFirstMinute * 100).toFixed(1)} %`,
  }
}

/** @param {number} multiple */
export function times(multiple) {
  return `${multiple.toFixed(2)} ×`
}

/** @param {number} ms */
function seconds(ms) {
  return Number.isFinite(ms) ? `${Math.round(ms / 1000)} s` : 'not at all'
}
