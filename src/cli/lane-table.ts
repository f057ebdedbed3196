// The lanes as a table for a terminal. Pure.
import { roughly } from '../control/job-view.ts'
import type { LaneOverview, LaneState } from '../control/lane-overview.ts'
import { printable } from './printable.ts'

interface Column {
  readonly title: string
  readonly isNumber?: true
  /** Only in a wide table. */
  readonly isWide?: true
  readonly text: (lane: LaneOverview) => string
}

const COLUMNS: readonly Column[] = [
  { title: 'ACCOUNT', text: ({ accountName }) => accountName },
  { title: 'REGION', text: ({ region }) => region },
  { title: 'MODEL', text: ({ model }) => model },
  { title: 'STATE', text: stateText },
  { title: 'WAITING', isNumber: true, text: ({ waiting }) => String(waiting) },
  { title: 'ACTIVE', isNumber: true, text: ({ active }) => String(active) },
  { title: 'DELAYED', isNumber: true, text: ({ delayed }) => String(delayed) },
  { title: 'BACKLOG', isNumber: true, text: ({ backlogMs }) => (backlogMs ? roughly(backlogMs) : '-') },
  { title: 'CALLS/MIN', isNumber: true, text: ({ recent }) => figure(recent.callsPerMinute) },
  { title: 'FAILED', isNumber: true, text: ({ recent }) => failures(recent) },
  { title: 'RPM NOW', isNumber: true, text: ({ pace }) => figure(pace.requestsPerMinute) },
  { title: 'RPM', isNumber: true, text: ({ quota }) => figure(quota.requestsPerMinute) },
  { title: 'TPM', isNumber: true, isWide: true, text: ({ quota }) => figure(quota.tokensPerMinute) },
  { title: 'MAX CALLS', isNumber: true, isWide: true, text: ({ quota }) => figure(quota.concurrency) },
  {
    title: 'FROM',
    text: ({ quota, overrides }) =>
      quota.origin === 'override' ? (overrides.by ?? 'override') : quota.origin,
  },
  { title: 'THROTTLES', isNumber: true, text: ({ pace }) => String(pace.throttles) },
  { title: 'COOLDOWN', isNumber: true, isWide: true, text: ({ pace }) => cooldown(pace.cooldownMs) },
  { title: 'CALL TIME', isNumber: true, isWide: true, text: ({ recent }) => seconds(recent.meanMs) },
  { title: 'TOKENS/MIN', isNumber: true, isWide: true, text: ({ recent }) => figure(recent.tokensPerMinute) },
  { title: 'USD/H', isNumber: true, isWide: true, text: ({ recent }) => recent.usdPerHour.toFixed(2) },
]

/** A line of titles, then one line for each lane: trouble first, then lanes with jobs, then idle ones. */
export function laneTable(lanes: readonly LaneOverview[], isWide = false): readonly string[] {
  const columns = COLUMNS.filter((column) => isWide || !column.isWide)
  const rows = [
    columns.map(({ title }) => title),
    ...lanes.toSorted(byTrouble).map((lane) => columns.map(({ text }) => printable(text(lane)))),
  ]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return columns[column]?.isNumber ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

/** One line for each lane in an outage or in a long cooldown, with the reason. */
export function outageLines(lanes: readonly LaneOverview[]): readonly string[] {
  return lanes.flatMap(({ name, outage, pace: { cooldownMs, cooldownWhy } }) => [
    ...(outage === null ? [] : [`${name}: outage for ${roughly(outage.lastedMs)}: ${printable(outage.why)}`]),
    ...(cooldownWhy === null
      ? []
      : [`${name}: cools down for ${roughly(cooldownMs)}: ${printable(cooldownWhy)}`]),
  ])
}

function stateText({ state, outage }: LaneOverview): string {
  return state === 'outage' && outage !== null ? `outage ${roughly(outage.lastedMs)}` : state
}

const ORDER = { outage: 0, failing: 1, paused: 2, draining: 3, running: 4 } satisfies Record<
  LaneState,
  number
>

function byTrouble(one: LaneOverview, other: LaneOverview): number {
  const isIdle = ({ waiting, active, delayed, recent }: LaneOverview) =>
    Number(waiting + active + delayed + recent.jobs === 0)
  return ORDER[one.state] - ORDER[other.state] || isIdle(one) - isIdle(other)
}

/** Of the jobs answered in the last minutes. */
function failures({ failed, jobs }: LaneOverview['recent']): string {
  return jobs === 0 ? '-' : `${failed}/${jobs}`
}

function seconds(ms: number | null): string {
  return ms === null ? '-' : `${(ms / 1_000).toFixed(1)} s`
}

function figure(value: number | null): string {
  return value === null ? '-' : String(Math.round(value * 10) / 10)
}

function cooldown(ms: number): string {
  return ms <= 0 ? '-' : `${(ms / 1_000).toFixed(1)} s`
}
