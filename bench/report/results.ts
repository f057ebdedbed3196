// Results as data: the figures of each run and their medians, with date and machine. Pure, except for the machine.
import { cpus, type as systemName, totalmem } from 'node:os'
import type { Figures } from './figure.ts'
import { median } from './statistics.ts'

export interface RunResults {
  readonly runs: readonly Figures[]
  /** Of each figure by itself. */
  readonly median: Figures
}

/** Date and machine of a measurement. */
export interface Provenance {
  /** `2026-11-26`. */
  readonly date: string
  readonly machine: string
}

export function runResults(runs: readonly Figures[]): RunResults {
  const names = new Set(runs.flatMap((run) => Object.keys(run)))
  const each = [...names].map((name): [string, number | null] => [
    name,
    median(runs.map((run) => run[name] ?? null)),
  ])
  return { runs: runs.map(rounded), median: rounded(Object.fromEntries(each)) }
}

/** Rounds to the precision of the measurements. */
function rounded(figures: Figures): Figures {
  const entries = Object.entries(figures).map(([name, value]): [string, number | null] => [
    name,
    value === null ? null : Number(value.toFixed(4)),
  ])
  return Object.fromEntries(entries)
}

/** Today, on this machine. */
export function hereAndNow(): Provenance {
  const all = cpus()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const model = all[0]?.model.trim() ?? 'unknown'
  const machine = `${all.length} cores of ${model}, ${gigabytes} GB, ${systemName()}, Node ${process.version}`
  return { date: new Date().toISOString().slice(0, 10), machine }
}

export function writeProvenance({ date, machine }: Provenance): string {
  return `Measured on ${date} on ${machine}`
}

/** The figures of one run in one line. */
export function summary(figures: Figures): string {
  return Object.entries(figures)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${Number(value?.toFixed(3))}`)
    .join(', ')
}
