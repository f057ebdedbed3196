// A panel of the Grafana dashboard as a person would describe it, and its way into Grafana's JSON.

/** A query and the name of its lines: a Prometheus label in `{{braces}}`, or plain words. */
export type Query = readonly [expression: string, legend: string]

export interface Panel {
  readonly title: string
  /** What it shows, and what a wrong value means. */
  readonly description: string
  /** Grafana's id of the unit: `s`, `bytes`, `short`, `percentunit`, `currencyUSD`, `reqps` … */
  readonly unit: string
  readonly queries: readonly Query[]
  /** `stat` shows one figure; `table` one line for each series. @default 'timeseries' */
  readonly type?: 'timeseries' | 'stat' | 'table'
  /** Of Grafana's 24 columns. @default 8, for a stat 4 */
  readonly width?: number
  /** Stacks the lines. @default false */
  readonly stacked?: boolean
  /** The values from which a stat is orange, and red. */
  readonly alarming?: readonly [orange: number, red: number]
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** Position and size of a panel. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** A variable of the dashboard, since the uid of the data source differs between installations. */
export const DATASOURCE = { type: 'prometheus', uid: `\${DS_PROMETHEUS}` }
/** Shows the labels of all series as columns, without their values. */
const ONE_TABLE = [
  { id: 'merge', options: {} },
  { id: 'filterFieldsByName', options: { exclude: { pattern: '^(Time|Value.*)$' } } },
]
const HEIGHT = { stat: 4, timeseries: 8, table: 8 }

/** Size of a panel. */
export function sizeOf({ type = 'timeseries', width }: Panel): { w: number; h: number } {
  return { w: width ?? (type === 'stat' ? 4 : 8), h: HEIGHT[type] }
}

/** The panel in Grafana's classic schema. */
export function panelJson(panel: Panel, id: number, gridPos: Place): object {
  const { type = 'timeseries', title, description, queries } = panel
  return {
    id,
    type,
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: optionsOf(type),
    ...(type === 'table' ? { transformations: ONE_TABLE } : {}),
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      legendFormat,
      ...(type === 'table' ? { instant: true, format: 'table' } : { range: true }),
    })),
  }
}

function fieldDefaults({ type = 'timeseries', unit, stacked = false, alarming }: Panel): object {
  const steps = [
    { color: 'green', value: null },
    ...(alarming === undefined
      ? []
      : [
          { color: 'orange', value: alarming[0] },
          { color: 'red', value: alarming[1] },
        ]),
  ]
  const thresholds = { mode: 'absolute', steps }
  if (type !== 'timeseries') return { unit, thresholds }
  const stacking = { mode: stacked ? 'normal' : 'none', group: 'A' }
  return {
    unit,
    min: 0,
    custom: { lineWidth: 1, fillOpacity: stacked ? 30 : 8, showPoints: 'never', stacking },
  }
}

function optionsOf(type: 'timeseries' | 'stat' | 'table'): object {
  if (type === 'stat') return { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'area' }
  if (type === 'table') return { showHeader: true }
  return {
    legend: { displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'multi', sort: 'desc' },
  }
}
