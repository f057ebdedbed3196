// Formats figures for people. Pure: callers pass the time.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** `1,204`; a dash for null. @param {number | null} value */
export function count(value) {
  return value === null ? '–' : whole.format(value)
}

/** `98.7` below a hundred, `1,204` above; a dash for null. @param {number | null} value */
export function figure(value) {
  if (value === null) return '–'
  return (value < 100 ? fine : whole).format(value)
}

/** `200K` @param {number} value */
export function compact(value) {
  return value < 10_000 ? whole.format(value) : short.format(value)
}

/** @type {readonly (readonly [string, number])[]} */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** The two largest units: `3 min 20 s`, `2 d 4 h`; `0 s` below a second. @param {number} ms */
export function duration(ms) {
  const index = UNITS.findIndex(([, size]) => ms >= size)
  const [first, next] = [UNITS[index], UNITS[index + 1]]
  if (first === undefined) return '0 s'
  const [unit, size] = first
  const head = `${Math.floor(ms / size)} ${unit}`
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[1])
  return next === undefined || rest === 0 ? head : `${head} ${rest} ${next[0]}`
}

/** `12 s ago`; `just now` below a second. @param {number} atMs @param {number} nowMs */
export function ago(atMs, nowMs) {
  const ms = nowMs - atMs
  return ms < 1_000 ? 'just now' : `${duration(ms)} ago`
}

/** `14:03:10` @param {number} atMs */
export function timeOfDay(atMs) {
  return clock.format(atMs)
}

/** With date and time zone, for a tooltip. @param {number} atMs */
export function exactTime(atMs) {
  return exact.format(atMs)
}

/** `1 job`, `2 jobs` @param {number} value @param {string} one */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`
}
