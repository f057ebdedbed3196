// Results as data: figures of each run and their medians, per scenario, with when and where. Pure but for the machine.
import { cpus, type as systemName, totalmem } from 'node:os'
import { median } from './measures.ts'
import type { ContenderName } from './options.ts'
import type { Figures } from './scenario.ts'

export interface ContenderResult {
  readonly runs: readonly Figures[]
  /** Of each figure by itself. */
  readonly median: Figures
}

/** What came of one scenario, all of it in one go on the same parts. */
export interface ScenarioResult {
  /** `2026-11-26`. */
  readonly date: string
  readonly machine: string
  readonly contenders: Readonly<Partial<Record<ContenderName, ContenderResult>>>
}

/** By name of the scenario. */
export type Results = Readonly<Record<string, ScenarioResult>>

export function contenderResult(runs: readonly Figures[]): ContenderResult {
  const names = new Set(runs.flatMap((run) => Object.keys(run)))
  const each = [...names].map((name): [string, number | null] => [
    name,
    median(runs.map((run) => run[name] ?? null)),
  ])
  return { runs: runs.map(rounded), median: rounded(Object.fromEntries(each)) }
}

/** Four digits after the point are more than is known. */
function rounded(figures: Figures): Figures {
  const entries = Object.entries(figures).map(([name, value]): [string, number | null] => [
    name,
    value === null ? null : Number(value.toFixed(4)),
  ])
  return Object.fromEntries(entries)
}

/** This machine, as the results name it. */
export function describeMachine(): string {
  const all = cpus()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const model = all[0]?.model.trim() ?? 'unknown'
  return `${all.length} cores of ${model}, ${gigabytes} GB, ${systemName()}, Node ${process.version}`
}
