// The results as a table in Markdown, each figure beside its goal, and its place in a page. Pure.
import { FIGURES, type FigureStyle } from './figures.ts'
import { CONTENDERS, type ContenderName } from './options.ts'
import type { Results, ScenarioResult } from './results.ts'
import type { Goal, Scenario } from './scenario.ts'

const HEADINGS: Readonly<Record<ContenderName, string>> = {
  quarry: 'Quarry',
  'sdk-standard': 'SDK, standard retries',
  'sdk-adaptive': 'SDK, adaptive retries',
}
const NONE = '—'

/** Whether a figure is what it must be. One that is missing is not. */
export function isMet({ atLeast, atMost }: Goal, value: number | null | undefined): boolean {
  if (value === null || value === undefined) return false
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
}

export function resultTable(scenarios: readonly Scenario[], results: Results): string {
  const rows = scenarios.flatMap((scenario) => {
    const result = results[scenario.name]
    return result === undefined ? [] : scenarioRows(scenario, result)
  })
  const heading = ['scenario', 'figure', 'goal', HEADINGS.quarry, 'met']
  const baselines = CONTENDERS.filter((name) => name !== 'quarry').map((name) => HEADINGS[name])
  const head = [...heading, ...baselines]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function scenarioRows({ name, title, goals, shown }: Scenario, { contenders }: ScenarioResult): string[][] {
  const goalRows = goals.map((goal) => ({ figure: goal.figure, goal }))
  const shownRows = shown.map((figure) => ({ figure, goal: undefined }))
  return [...goalRows, ...shownRows].map(({ figure, goal }, index) => {
    const style = FIGURES[figure] ?? { title: figure, unit: 'count' }
    const of = (contender: ContenderName) => contenders[contender]?.median[figure]
    const cell = (contender: ContenderName) => write(of(contender), style)
    return [
      index === 0 ? `**${name}**: ${title}` : '',
      style.title,
      goal === undefined ? '' : writeGoal(goal, style),
      cell('quarry'),
      goal === undefined || of('quarry') === undefined ? '' : isMet(goal, of('quarry')) ? 'yes' : '**no**',
      ...CONTENDERS.filter((contender) => contender !== 'quarry').map(cell),
    ]
  })
}

function writeGoal({ atLeast, atMost }: Goal, style: FigureStyle): string {
  if (atMost === 0) return 'none'
  const bounds = [
    atLeast === undefined ? [] : [`at least ${write(atLeast, style)}`],
    atMost === undefined ? [] : [`at most ${write(atMost, style)}`],
  ]
  return bounds.flat().join(', ')
}

function write(value: number | null | undefined, { unit }: FigureStyle): string {
  if (value === null || value === undefined) return NONE
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(value < 0.1 ? 2 : 1)} %`
    case 'count':
      return value.toLocaleString('en')
    case 'ms':
      return `${Math.round(value).toLocaleString('en')} ms`
    case 's':
      return `${value.toFixed(1)} s`
    case 'ratio':
      return value.toFixed(2)
  }
}

/** When and where the scenarios were measured. */
export function provenance(results: Results): string {
  const groups = new Map<string, string[]>()
  for (const [name, { date, machine }] of Object.entries(results)) {
    const key = `Measured on ${date} on ${machine}`
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  const isOne = groups.size === 1
  return [...groups].map(([key, names]) => (isOne ? `${key}.` : `${key}: ${names.join(', ')}.`)).join('\n\n')
}

const BEGIN = '<!-- results: written by `npm run bench` -->'
const END = '<!-- end of results -->'

/**
 * A page with its part between the markers replaced.
 * @throws Error when it has no markers.
 */
export function withResults(page: string, part: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin === -1 || end < begin) throw new Error(`The page has no part between ${BEGIN} and ${END}.`)
  return `${page.slice(0, begin + BEGIN.length)}\n\n${part}\n\n${page.slice(end)}`
}
