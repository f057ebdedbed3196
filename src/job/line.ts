// The lines of the stock connector runtime, and which of them belongs to a version of Camunda. Pure.

/** The lines that Quarry reproduces, oldest first. */
export const LINES = ['8.8', '8.9', '8.10'] as const

export type Line = (typeof LINES)[number]

/** Jobs without a line were accepted by a version of Quarry that knew none, and followed this one by default. */
export const FORMER_LINE: Line = '8.9'

const OLDEST: Line = LINES[0]
export const NEWEST_LINE: Line = '8.10'

/** The line of a gateway. `fit`: whether it is the gateway's own, or the nearest to a version that has none here. */
export interface GatewayLine {
  readonly line: Line
  readonly fit: 'same' | 'newer' | 'older' | 'unreadable'
}

/** @param version - as the gateway gives it in its topology: `8.8.0`, `8.10.0-alpha3`. */
export function lineOfGateway(version: string): GatewayLine {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(version) ?? []
  if (major === undefined) return { line: NEWEST_LINE, fit: 'unreadable' }
  const same = LINES.find((line) => line === `${Number(major)}.${Number(minor)}`)
  if (same !== undefined) return { line: same, fit: 'same' }
  const isOlder = Number(major) < 8 || (Number(major) === 8 && Number(minor) < 8)
  return isOlder ? { line: OLDEST, fit: 'older' } : { line: NEWEST_LINE, fit: 'newer' }
}
