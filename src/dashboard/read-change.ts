// Reads a change of pace from a JSON body. Pure.
import type { PaceChange } from '../control/lane-control.ts'
import { FIGURES } from '../lanes/lane-overrides.ts'

const LARGEST = 1_000_000_000
const FORM = `an object with any of ${FIGURES.join(', ')}, each a whole number from 1 up, or null to return to the quota`

type ReadChange =
  | { readonly change: PaceChange; readonly problem: null }
  | { readonly change: null; readonly problem: string }

/** @param text - JSON of a body. */
export function readPaceChange(text: string): ReadChange {
  const refuse = (what: string): ReadChange => ({ change: null, problem: `${what}: it must be ${FORM}.` })
  const body = parse(text)
  if (body === null) return refuse('The body is not a JSON object')
  const entries = Object.entries(body)
  if (entries.length === 0) return refuse('The body names no figure')
  const known: readonly string[] = FIGURES
  for (const [name, value] of entries) {
    if (!known.includes(name)) return refuse(`${JSON.stringify(name.slice(0, 40))} is no figure of a pace`)
    if (value !== null && !isFigure(value)) return refuse(`${name} is not such a number`)
  }
  return { change: Object.fromEntries(entries), problem: null }
}

function isFigure(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LARGEST
}

function parse(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
