// The results of a benchmark as tables in Markdown and as data of its charts. Pure.
import type { Bench, CaseGoal, MedianOf } from '../bench.ts'
import type { Chart } from './bar-chart.ts'
import { type FigureStyle, isMet, markdownTable, writeBound, writeFigure } from './figure.ts'
import type { Provenance, RunResults } from './results.ts'

export interface BenchResults extends Provenance {
  /** By name of the case. */
  readonly cases: Readonly<Record<string, RunResults>>
}

const medianOf =
  ({ cases }: BenchResults): MedianOf =>
  (name, figure) =>
    cases[name]?.median[figure] ?? null

/** The cases that were measured, by rows, with the medians of their figures. */
export function resultsTable({ figures, cases }: Bench, results: BenchResults): string {
  const median = medianOf(results)
  const shown = Object.entries(figures)
  const rows = cases
    .filter(({ name }) => name in results.cases)
    .map(({ name, title }) => [title, ...shown.map(([key, style]) => writeFigure(median(name, key), style))])
  return markdownTable([['', ...shown.map(([, { title }]) => title)], ...rows])
}

/** The goals of cases that were measured; empty where there are none. */
export function goalTable(bench: Bench, results: BenchResults): string {
  const median = medianOf(results)
  const goals = bench.goals(median).filter((goal) => goal.case in results.cases)
  if (goals.length === 0) return ''
  const rows = goals.map((goal) => {
    const style = styleOf(bench, goal.figure)
    const value = median(goal.case, goal.figure)
    const title = bench.cases.find(({ name }) => name === goal.case)?.title ?? goal.case
    return [
      `${title}: ${style.title}`,
      writeGoal(goal, style),
      writeFigure(value, style),
      isMet(goal, value) ? 'yes' : '**no**',
    ]
  })
  return markdownTable([['goal', 'must be', 'is', 'met'], ...rows])
}

function writeGoal(goal: CaseGoal, style: FigureStyle): string {
  const bound = writeBound(goal, style)
  return goal.because === undefined ? bound : `${bound} (${goal.because})`
}

export function chartsOf(
  bench: Bench,
  results: BenchResults,
): { readonly figure: string; readonly chart: Chart }[] {
  const median = medianOf(results)
  return bench.charts.map((figure) => {
    const style = styleOf(bench, figure)
    const bars = bench.cases.flatMap(({ name, title }) => {
      const value = median(name, figure)
      return value === null ? [] : [{ label: title, value, text: writeFigure(value, style) }]
    })
    return { figure, chart: { title: `${bench.name}: ${style.title}`, bars } }
  })
}

function styleOf({ figures }: Bench, figure: string): FigureStyle {
  return figures[figure] ?? { title: figure, unit: 'count' }
}
