// A date-time as Java's OffsetDateTime comes back from Jackson: moved to UTC, its fraction kept to the nanosecond.

const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2}(?::\d{2})?|[+-]\d{2})$/

/** @returns null when the text is no ISO-8601 date-time with an offset. */
export function utcDateTime(text: string): string | null {
  const [, date, time, seconds = '00', fraction = '', offset = ''] = DATE_TIME.exec(text) ?? []
  if (date === undefined || time === undefined) return null
  const local = Date.parse(`${date}T${time}:${seconds}Z`)
  // Date.parse lets the 30th of February pass, as the 2nd of March.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(date)) return null
  const utc = new Date(local - offsetMs(offset)).toISOString().slice(0, 19)
  const rest = fraction.replace(/0+$/, '')
  return `${utc}${rest === '' ? '' : `.${rest}`}Z`
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number)
  const size = ((hours * 60 + minutes) * 60 + seconds) * 1000
  return offset.startsWith('-') ? -size : size
}
