// Values as other products write them, brought to ours before they are read. Pure. A text that is not in their form is left
// as it is, so that the complaint about it shows what was written.
import { formatDuration } from '../job/duration.ts'

/** What a variable of another product holds, in our form. */
export type Translate = (text: string) => string

/** Whole milliseconds, as the connector runtime's own timeouts are written. */
export const fromMilliseconds: Translate = (text) =>
  /^\d{1,15}$/.test(text) ? formatDuration(Number(text)) : text

const UNITS_MS = { ns: 1e-6, us: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration as Spring takes it: `PT5M`, `5m`, `300s`, or milliseconds. */
export const fromSpringDuration: Translate = (text) => {
  const [matched, amount, unit] = /^(\d{1,15})(ns|us|ms|s|m|h|d)?$/i.exec(text) ?? []
  if (matched === undefined) return text
  const factor = Object.entries(UNITS_MS).find(([name]) => name === (unit ?? 'ms').toLowerCase())?.[1] ?? 1
  return formatDuration(Number(amount) * factor)
}

/** A variable that switches on by being there, whatever it says. */
export const fromPresence: Translate = () => 'true'
