// ISO-8601 durations as java.time.Duration reads and writes them: for settings and for the connector's headers.
// Pure arithmetic on text; never rounds up, and never lets a value that Java would refuse pass.

const MILLISECOND_NANOS = 1_000_000n
const SECOND_NANOS = 1_000_000_000n
const MAX_LONG = 2n ** 63n - 1n
const MIN_LONG = -(2n ** 63n)

// The grammar of java.time.Duration.parse: no years, months or weeks; a fraction only on seconds.
const GRAMMAR =
  /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i

/**
 * Reads a duration such as `PT5M`, `PT0.5S`, `P1DT2H` or `-PT5S`.
 *
 * @param text - what `java.time.Duration.parse` takes: signs before `P` and before each number, any letter case,
 *   up to 9 digits of fraction; no surrounding blanks.
 * @returns whole milliseconds, cut towards zero as Java's `toMillis` does; null for a text Java would reject and
 *   for a value beyond Java's range or beyond 2^53 - 1 ms.
 */
export function parseDuration(text: string): number | null {
  const match = GRAMMAR.exec(text)
  if (match === null) return null
  const [, sign, days, time, hours, minutes, seconds, fraction] = match
  // Java looks for a capital T here, so it takes `P1Dt` and refuses `P1DT`.
  if (time === 'T') return null
  if ((days ?? hours ?? minutes ?? seconds) === undefined) return null

  // Smallest unit first, each sum checked: the order in which Java adds, so the same texts overflow.
  let total = 0n
  for (const [digits, unitSeconds] of [
    [seconds, 1n],
    [minutes, 60n],
    [hours, 3_600n],
    [days, 86_400n],
  ] as const) {
    const part = toSeconds(digits, unitSeconds)
    if (part === null || !isLong(total + part)) return null
    total += part
  }

  const fractionNanos = BigInt((fraction ?? '').padEnd(9, '0'))
  let nanos = total * SECOND_NANOS + (seconds?.startsWith('-') ? -fractionNanos : fractionNanos)
  if (sign === '-') nanos = -nanos
  const milliseconds = Number(nanos / MILLISECOND_NANOS)
  return Number.isSafeInteger(milliseconds) ? milliseconds : null
}

/**
 * Writes a duration as `java.time.Duration.toString` does: hours, minutes and seconds, never days.
 *
 * @param milliseconds - a whole number; a fraction is cut off.
 * @returns for example `PT5M`, `PT0.5S`, `PT24H`, `PT-1M-1.5S`, and `PT0S` for zero.
 */
export function formatDuration(milliseconds: number): string {
  const whole = Math.trunc(milliseconds)
  const hours = Math.trunc(whole / 3_600_000)
  const minutes = Math.trunc((whole % 3_600_000) / 60_000)
  const rest = whole % 60_000
  let text = 'PT'
  if (hours !== 0) text += `${hours}H`
  if (minutes !== 0) text += `${minutes}M`
  if (rest !== 0 || text === 'PT') text += `${formatSeconds(rest)}S`
  return text
}

function toSeconds(digits: string | undefined, unitSeconds: bigint): bigint | null {
  if (digits === undefined) return 0n
  // Keeps BigInt from chewing on a megabyte of digits: a 64-bit number has 19 of them.
  if (digits.replace(/^[-+]?0*/, '').length > 19) return null
  const value = BigInt(digits.replace('+', ''))
  return isLong(value) && isLong(value * unitSeconds) ? value * unitSeconds : null
}

function isLong(value: bigint): boolean {
  return value >= MIN_LONG && value <= MAX_LONG
}

function formatSeconds(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : ''
  const size = Math.abs(milliseconds)
  const fraction = String(size % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${sign}${Math.floor(size / 1000)}${fraction === '' ? '' : `.${fraction}`}`
}
