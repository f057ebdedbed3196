// Figures for people. Pure; the time goes in.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** `1,204`; a dash where there is none. */
export function count(value) {
  return value === null ? '–' : whole.format(value)
}

/** `98.7` below a hundred, `1,204` above. */
export function figure(value) {
  if (value === null) return '–'
  return (value < 100 ? fine : whole).format(value)
}

/** `200K` */
export function compact(value) {
  return value < 10_000 ? whole.format(value) : short.format(value)
}

/** `42 %` */
export function share(ratio) {
  return `${whole.format(ratio * 100)} %`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** The two largest units: `3 min 20 s`, `2 d 4 h`; `0 s` below a second. */
export function duration(ms) {
  const first = UNITS.findIndex(([, size]) => ms >= size)
  if (first < 0) return '0 s'
  const [unit, size] = UNITS[first]
  const next = UNITS[first + 1]
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[1])
  const head = `${Math.floor(ms / size)} ${unit}`
  return rest === 0 ? head : `${head} ${rest} ${next[0]}`
}

/** `12 s ago`; `just now` for what is not a second old. */
export function ago(atMs, nowMs) {
  const ms = nowMs - atMs
  return ms < 1_000 ? 'just now' : `${duration(ms)} ago`
}

/** `14:03:10` */
export function timeOfDay(atMs) {
  return clock.format(atMs)
}

/** With date and zone, for a title. */
export function exactTime(atMs) {
  return exact.format(atMs)
}

/** `1 job`, `2 jobs` */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`
}
