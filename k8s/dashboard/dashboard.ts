// The Grafana dashboard as JSON: variables, and rows of panels laid out from left to right. Pure.
import { DATASOURCE, type Panel, panelJson, type Row, sizeOf } from './panel.ts'
import { bedrock } from './rows/bedrock.ts'
import { flow } from './rows/flow.ts'
import { limits } from './rows/limits.ts'
import { processes } from './rows/processes.ts'
import { redis } from './rows/redis.ts'
import { zeebe } from './rows/zeebe.ts'

const COLUMNS = 24
const ROWS: readonly Row[] = [flow, limits, bedrock, zeebe, redis, processes]

/** The dashboard, ready for Grafana's provisioning and for its sidecar. */
export function dashboard(): object {
  return {
    uid: 'quarry',
    title: 'Quarry',
    description: 'Bedrock connector jobs: lanes, limits, calls, Zeebe, Redis.',
    tags: ['quarry', 'camunda', 'bedrock'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: { list: variables() },
    panels: layOut(ROWS),
  }
}

function layOut(rows: readonly Row[]): object[] {
  const panels: object[] = []
  let y = 0
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    })
    y = placeRow(row.panels, y + 1, panels)
  }
  return panels
}

/** Adds the panels of a row from `top` on, and returns where the next row begins. */
function placeRow(row: readonly Panel[], top: number, panels: object[]): number {
  let [x, y, lineHeight] = [0, top, 0]
  for (const panel of row) {
    const { w, h } = sizeOf(panel)
    if (x + w > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0]
    panels.push(panelJson(panel, panels.length + 1, { x, y, w, h }))
    x += w
    lineHeight = Math.max(lineHeight, h)
  }
  return y + lineHeight
}

function variables(): object[] {
  const datasource = { name: 'DS_PROMETHEUS', label: 'Data source', type: 'datasource', query: 'prometheus' }
  return [
    { ...datasource, current: {}, hide: 0, refresh: 1, regex: '' },
    // `.*`, as outside of Kubernetes there is no such label.
    variable('namespace', 'label_values(quarry_build_info, namespace)', { allValue: '.*' }),
    variable('region', 'label_values(quarry_lane_jobs{namespace=~"$namespace"}, region)'),
    variable('model', 'label_values(quarry_lane_jobs{namespace=~"$namespace", region=~"$region"}, model)'),
    variable(
      'lane',
      'label_values(quarry_lane_jobs{namespace=~"$namespace", region=~"$region", model=~"$model"}, lane)',
    ),
  ]
}

function variable(name: string, query: string, more: object = {}): object {
  return {
    name,
    label: name.charAt(0).toUpperCase() + name.slice(1),
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    multi: true,
    includeAll: true,
    current: { text: ['All'], value: ['$__all'] },
    hide: 0,
    refresh: 2,
    sort: 1,
    ...more,
  }
}
