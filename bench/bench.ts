// The types of a benchmark: cases that run one after another in each round on the same parts, their figures, and the goals
// of these.
import type { ProcessPort } from '../src/camunda/process-port.ts'
import type { Bound, FigureStyle, Figures } from './report/figure.ts'
import type { Parts } from './rig/parts.ts'

export interface Bench {
  /** Its name after `npm run bench --`. */
  readonly name: string
  /** Its description, with its conditions. */
  readonly title: string
  /** Its figures, in the order of the table's columns. */
  readonly figures: Readonly<Record<string, FigureStyle>>
  readonly cases: readonly BenchCase[]
  /** Goals may depend on other cases of the same run. */
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
  /** Unique to the run: models, process ids, job types and prefixes contain it. */
  readonly id: string
  readonly parts: Parts
  readonly processes: ProcessPort
  /** Whether the run only checks that the benchmark works. */
  readonly quick: boolean
}

/** The median of a figure of a case; null where there is none. */
export type MedianOf = (name: string, figure: string) => number | null

export interface CaseGoal extends Bound {
  readonly case: string
  readonly figure: string
  /** The origin of a goal that is not a plain number, for the table. */
  readonly because?: string
}
