// What a benchmark is: cases that are run one after another in each round on the same parts, their figures, and the goals that
// these are held to. Types only.
import type { ProcessPort } from '../src/camunda/process-port.ts'
import type { Bound, FigureStyle, Figures } from './report/figure.ts'
import type { Parts } from './rig/parts.ts'

export interface Bench {
  /** Behind `npm run bench --`. */
  readonly name: string
  /** For people, with its conditions. */
  readonly title: string
  /** What it measures, in the order of the table's columns. */
  readonly figures: Readonly<Record<string, FigureStyle>>
  readonly cases: readonly BenchCase[]
  /** Bounds may follow from other cases of the same run. */
  readonly goals: (median: MedianOf) => readonly CaseGoal[]
  /** Figures that are drawn, a chart for each. */
  readonly charts: readonly string[]
}

export interface BenchCase {
  readonly name: string
  /** For people. */
  readonly title: string
  readonly run: (bench: BenchRun) => Promise<Figures>
}

/** What one run of a case has. */
export interface BenchRun {
  /** No other run has it: models, process ids, job types and prefixes are made of it. */
  readonly id: string
  readonly parts: Parts
  readonly processes: ProcessPort
  /** Whether it is only to be seen that it works. */
  readonly quick: boolean
}

/** The median of a figure of a case; null where there is none. */
export type MedianOf = (name: string, figure: string) => number | null

export interface CaseGoal extends Bound {
  readonly case: string
  readonly figure: string
  /** Where a bound comes from that is not a plain number, for people. */
  readonly because?: string
}
