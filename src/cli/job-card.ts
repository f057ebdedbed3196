// Jobs for a terminal: one as a card, several as a table. Pure.
import { type JobView, roughly } from '../control/job-view.ts'
import { printable } from './printable.ts'

/** One line for each known fact of a job; first why it waits. */
export function jobCard(job: JobView): readonly string[] {
  const rows: readonly (readonly [string, string | null])[] = [
    ['job', `${job.key}, ${job.why}`],
    ['state', `${job.state} (${job.place})`],
    ['lane', `${job.account}@${job.region}@${job.model}`],
    ['process', job.processId],
    ['tenant', job.tenantId],
    ['waited', time(job.waitedMs)],
    ['lease', job.leaseLeftMs === null ? null : `${roughly(job.leaseLeftMs)} left`],
    ['ahead', job.ahead === null ? null : String(job.ahead)],
    ['turn', job.turnInMs === null ? null : `in about ${roughly(job.turnInMs)}`],
    [
      'calls',
      `${job.sends} sent, ${job.throttles} throttled${job.outages === 0 ? '' : `, ${job.outages} in an outage`}`,
    ],
    ['deaths', job.deaths === 0 ? null : `${job.deaths} of its workers died while they had it`],
    ['last error', job.lastFailure],
    ['outcome', job.outcome],
    ['epoch', String(job.epoch)],
  ]
  return rows.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(10)}  ${printable(value)}`]))
}

function time(ms: number | null): string | null {
  return ms === null ? null : roughly(ms)
}

const TITLES = ['JOB', 'PLACE', 'WAITED', 'CALLS', 'PROCESS', 'WHY'] as const

/** A line of titles, then one line for each job. */
export function jobTable(jobs: readonly JobView[]): readonly string[] {
  const rows = [
    TITLES,
    ...jobs.map(({ key, place, waitedMs, sends, processId, why }) =>
      [key, place, time(waitedMs) ?? '-', String(sends), processId ?? '-', why].map(printable),
    ),
  ]
  const widths = TITLES.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
