// The results of the quota scenarios, and as a table in Markdown with each figure beside its goal. Pure.
import { type FigureStyle, isMet, markdownTable, writeBound, writeFigure } from '../report/figure.ts'
import { type Provenance, type RunResults, writeProvenance } from '../report/results.ts'
import { FIGURES } from './figures.ts'
import { CONTENDERS, type ContenderName } from './options.ts'
import type { Scenario } from './scenario.ts'

const HEADINGS: Readonly<Record<ContenderName, string>> = {
  quarry: 'Quarry',
  'sdk-standard': 'SDK, standard retries',
  'sdk-adaptive': 'SDK, adaptive retries',
}

/** The results of one scenario, all measured on the same parts. */
export interface ScenarioResult extends Provenance {
  readonly contenders: Readonly<Partial<Record<ContenderName, RunResults>>>
}

/** By name of the scenario. */
export type Results = Readonly<Record<string, ScenarioResult>>

export function resultTable(scenarios: readonly Scenario[], results: Results): string {
  const rows = scenarios.flatMap((scenario) => {
    const result = results[scenario.name]
    return result === undefined ? [] : scenarioRows(scenario, result)
  })
  const heading = ['scenario', 'figure', 'goal', HEADINGS.quarry, 'met']
  const baselines = CONTENDERS.filter((name) => name !== 'quarry').map((name) => HEADINGS[name])
  const head = [...heading, ...baselines]
  return markdownTable([head, ...rows])
}

function scenarioRows({ name, title, goals, shown }: Scenario, { contenders }: ScenarioResult): string[][] {
  const goalRows = goals.map((goal) => ({ figure: goal.figure, goal }))
  const shownRows = shown.map((figure) => ({ figure, goal: undefined }))
  return [...goalRows, ...shownRows].map(({ figure, goal }, index) => {
    const style = FIGURES[figure] ?? ({ title: figure, unit: 'count' } satisfies FigureStyle)
    const of = (contender: ContenderName) => contenders[contender]?.median[figure]
    const cell = (contender: ContenderName) => writeFigure(of(contender), style)
    return [
      index === 0 ? `**${name}**: ${title}` : '',
      style.title,
      goal === undefined ? '' : writeBound(goal, style),
      cell('quarry'),
      goal === undefined || of('quarry') === undefined ? '' : isMet(goal, of('quarry')) ? 'yes' : '**no**',
      ...CONTENDERS.filter((contender) => contender !== 'quarry').map(cell),
    ]
  })
}

/** Date and machine of the measurement. */
export function provenance(results: Results): string {
  const groups = new Map<string, string[]>()
  for (const [name, result] of Object.entries(results)) {
    const key = writeProvenance(result)
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  const isOne = groups.size === 1
  return [...groups].map(([key, names]) => (isOne ? `${key}.` : `${key}: ${names.join(', ')}.`)).join('\n\n')
}
