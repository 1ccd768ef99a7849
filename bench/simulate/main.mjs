// @ts-check
/**
 * Good manners at scale: many clients, one server that goes out and comes back, in virtual time, with the library's
 * own policy. `scenario.mjs` says what is assumed. Prints three tables and draws `load.svg`.
 *
 *     npm run simulate            (SIMULATE_CLIENTS)
 */
import { writeFile } from 'node:fs/promises'
import { playAll } from './crew.mjs'
import { picture } from './picture.mjs'
import { normalLoad, outageEndMs, scenarioDefaults } from './scenario.mjs'
import { strategies } from './strategies.mjs'
import { row, times } from './tables.mjs'

const clients = Number(process.env.SIMULATE_CLIENTS ?? scenarioDefaults.clients)
if (!Number.isInteger(clients) || clients < 100)
  throw new Error('SIMULATE_CLIENTS must be a whole number, at least 100')
const scenario = { ...scenarioDefaults, clients }
const { outage } = scenario
// Ratios do not depend on the scale; a twentieth of the crowd shows them to two digits.
const sample = { ...scenario, clients: Math.max(100, Math.round(clients / 20)) }

const GAPS_S = [10, 30, 60, 120]
const LENGTHS_S = [60, 300, 900]
const KINDS = {
  '503 to all': {},
  // Says that this client is over its limit, nothing about the server's health: the breaker does not count it.
  '429 to all, no Retry-After': { status: 429 },
  '503 to half': { share: 0.5 },
}
const OURS = strategies.map(({ name }) => name).filter((name) => name.startsWith('Holdfast'))

const crowds = strategies.map(({ name }) => ({ name, scenario }))
const sizes = GAPS_S.flatMap((gapS) =>
  LENGTHS_S.map((lengthS) => job('Holdfast', { lastsMs: lengthS * 1000 }, { gapMs: gapS * 1000 })),
)
const kinds = Object.values(KINDS).flatMap((kind) => OURS.map((name) => job(name, kind)))
const results = await playAll([...crowds, ...sizes, ...kinds])
const main = results.slice(0, crowds.length)
const cells = results.slice(crowds.length).map(({ figures }) => times(figures.perAsk))

const title = `${clients.toLocaleString('en')} clients, one server, ${outage.lastsMs / 60_000} minutes of outage`
const load = Math.round(normalLoad(scenario)).toLocaleString('en')
console.log(`\n${title}; normal load ${load} requests/s; peaks over 1 s`)
console.table(main.map(({ figures }, at) => row(crowds[at]?.name ?? '', figures)))
console.log(
  '\nHoldfast: requests per ask in the outage, by the users’ mean gap (rows) and the outage’s length',
)
console.table(grid(GAPS_S.map(seconds), LENGTHS_S.map(seconds), cells))
console.log('\nRequests per ask in the outage, by its kind')
console.table(grid(Object.keys(KINDS), OURS, cells.slice(sizes.length)))

// The picture that is kept is of the whole crowd.
if (clients === scenarioDefaults.clients) {
  await writeFile(new URL('./load.svg', import.meta.url), draw())
  console.error('bench/simulate/load.svg')
}

/**
 * @param {string} name
 * @param {Partial<typeof outage>} kind
 * @param {{ gapMs?: number }} [users]
 */
function job(name, kind, users) {
  return { name, scenario: { ...sample, ...users, outage: { ...outage, ...kind } } }
}

/**
 * @param {string[]} rows
 * @param {string[]} columns
 * @param {string[]} values - row by row.
 */
function grid(rows, columns, values) {
  return Object.fromEntries(
    rows.map((name, at) => [
      name,
      Object.fromEntries(columns.map((column, step) => [column, values[at * columns.length + step]])),
    ]),
  )
}

function draw() {
  const span = { fromS: outage.fromMs / 1000, untilS: outageEndMs(scenario) / 1000 }
  const curves = main.map(({ load }, at) => ({ name: crowds[at]?.name ?? '', load }))
  return picture(title, curves, { fromS: span.fromS - 60, untilS: span.untilS + 120 }, span)
}

/** @param {number} s */
function seconds(s) {
  return `${s} s`
}
