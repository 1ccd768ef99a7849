// @ts-check
/**
 * Good manners at scale: many clients, one server that goes out and comes back, in virtual time, with the library's
 * own retry state and policy. `scenario.mjs` says what is assumed. Prints six tables and draws `load.svg`.
 *
 *     npm run simulate            (SIMULATE_CLIENTS)
 */
import { writeFile } from 'node:fs/promises'
import { playAll } from './crew.mjs'
import { picture } from './picture.mjs'
import { blipDefaults, normalLoad, outageEndMs, relayDefaults, scenarioDefaults } from './scenario.mjs'
import { strategies } from './strategies.mjs'
import { blipRow, relayRow, row, times } from './tables.mjs'

/**
 * @typedef {import('./scenario.mjs').Scenario} Scenario
 * @typedef {import('./crew.mjs').Job} Job
 */

const clients = Number(process.env.SIMULATE_CLIENTS ?? scenarioDefaults.clients)
if (!Number.isInteger(clients) || clients < 100)
  throw new Error('SIMULATE_CLIENTS must be a whole number, at least 100')
const scale = clients / scenarioDefaults.clients
const { outage } = scenarioDefaults
const pages = { ...scenarioDefaults, clients }
const relays = { ...relayDefaults, clients: Math.max(2, Math.round(relayDefaults.clients * scale)) }
// Ratios do not depend on the scale; a part of the crowd shows them to two digits.
const somePages = { ...pages, clients: Math.max(100, Math.round(clients / 20)) }
const someRelays = { ...relays, clients: Math.max(2, Math.round(relays.clients / 10)) }

const GAPS_S = [10, 30, 60, 120]
const LENGTHS_S = [60, 300, 900]
const KINDS = {
  '503 to all': {},
  // Says that this client is over its limit, nothing about the server's health: the breaker does not count it.
  '429 to all, no Retry-After': { status: 429 },
  '503 to half': { share: 0.5 },
}
const BY_KIND = 'Requests per ask in the outage, by its kind'
const BEHIND = 'Holdfast, behind a relay'
const NAMES = strategies.map(({ name }) => name)
const OURS = NAMES.filter((name) => name.startsWith('Holdfast'))

const crowds = everybody(pages)
const sizes = GAPS_S.map((gapS) =>
  LENGTHS_S.map((lengthS) =>
    job('Holdfast', { ...somePages, gapMs: gapS * 1000 }, { lastsMs: lengthS * 1000 }),
  ),
)
const pageKinds = kinds(somePages)
const relayCrowds = everybody(relays)
const relayKinds = kinds(someRelays)
// The same pages, but that somebody asks for 1,400 of them at a time, with one breaker and one budget.
const behindRelays = relayCrowds[NAMES.indexOf('Holdfast')] ?? job('Holdfast', relays)
const blips = everybody(blipDefaults)
const resumed = job('Holdfast', { ...blipDefaults, isResumable: true })

const results = await playAll([
  ...[...crowds, ...relayCrowds, ...sizes.flat()],
  ...[...pageKinds.flat(), ...relayKinds.flat(), ...blips, resumed],
])

const lasting = `${outage.lastsMs / 60_000} minutes of outage`
const title = `${count(clients)} clients, one server, ${lasting}`
print(
  `${title}; ${load(pages)}`,
  [...NAMES, BEHIND],
  [...crowds, behindRelays].map((each) => row(figures(each))),
)
print(
  'Holdfast: requests per ask in the outage, by the users’ mean gap (rows) and the outage’s length',
  GAPS_S.map(seconds),
  sizes.map((cells) => perAsk(LENGTHS_S.map(seconds), cells)),
)
print(
  BY_KIND,
  Object.keys(KINDS),
  pageKinds.map((cells) => perAsk(OURS, cells)),
)
print(
  `${relays.clients} relays with ${count(relays.users)} users each, one server, ${lasting}; ${load(relays)}`,
  NAMES,
  relayCrowds.map((each) => relayRow(figures(each))),
)
print(
  `${BY_KIND}: relays`,
  Object.keys(KINDS),
  relayKinds.map((cells) => perAsk(OURS, cells)),
)
print(
  'One relay, one blip: all of its streams are cut at once, and the server is well',
  [...NAMES, 'Holdfast, if streams can be resumed'],
  [...blips, resumed].map((each) => blipRow(result(each).cuts)),
)

// The picture that is kept is of the whole crowd.
if (clients === scenarioDefaults.clients) {
  await writeFile(new URL('./load.svg', import.meta.url), draw())
  console.error('bench/simulate/load.svg')
}

/**
 * @param {string} name
 * @param {Scenario} scenario
 * @param {Partial<Scenario['outage']>} [kind]
 * @returns {Job}
 */
function job(name, scenario, kind) {
  return { name, scenario: { ...scenario, outage: { ...scenario.outage, ...kind } } }
}

/** @param {Scenario} scenario */
function everybody(scenario) {
  return NAMES.map((name) => job(name, scenario))
}

/** @param {Scenario} scenario */
function kinds(scenario) {
  return Object.values(KINDS).map((kind) => OURS.map((name) => job(name, scenario, kind)))
}

/** @param {Job} job */
function result(job) {
  const found = results.get(job)
  if (!found) throw new Error(`${job.name} was not played`)
  return found
}

/** @param {Job} job */
function figures(job) {
  return result(job).figures
}

/**
 * @param {readonly string[]} columns
 * @param {readonly Job[]} cells
 */
function perAsk(columns, cells) {
  return Object.fromEntries(cells.map((each, at) => [columns[at], times(figures(each).perAsk)]))
}

/**
 * @param {string} heading
 * @param {readonly string[]} names
 * @param {readonly object[]} rows
 */
function print(heading, names, rows) {
  console.log(`\n${heading}`)
  console.table(Object.fromEntries(names.map((name, at) => [name, rows[at]])))
}

function draw() {
  const span = { fromS: outage.fromMs / 1000, untilS: outageEndMs(pages) / 1000 }
  const curves = crowds.map((each) => ({ name: each.name, load: result(each).load }))
  return picture(title, curves, { fromS: span.fromS - 60, untilS: span.untilS + 120 }, span)
}

/** @param {Scenario} scenario */
function load(scenario) {
  return `normal load ${count(Math.round(normalLoad(scenario)))} requests/s; peaks over 1 s`
}

/** @param {number} number */
function count(number) {
  return number.toLocaleString('en')
}

/** @param {number} s */
function seconds(s) {
  return `${s} s`
}
