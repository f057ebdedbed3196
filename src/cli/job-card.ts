// Jobs for a terminal: one as a card, several as a table. Pure.
import { type JobView, roughly } from '../control/job-view.ts'
import { printable } from './printable.ts'

/** One line for each known fact of a job; first why it waits. */
export function jobCard(job: JobView & { readonly message?: string | null }): readonly string[] {
  const rows: readonly (readonly [string, string | null])[] = [
    ['job', `${job.key}, ${job.why}`],
    ['state', `${job.state} (${job.place})`],
    ['lane', `${job.account}@${job.region}@${job.model}`],
    ['process', job.processId],
    ['element', job.elementId],
    ['instance', job.processInstanceKey],
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
    ['error', job.error],
    ['message', job.message ?? null],
    ['ended', job.endedAgoMs === null ? null : `${roughly(job.endedAgoMs)} ago`],
  ]
  return rows.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(10)}  ${printable(value)}`]))
}

function time(ms: number | null): string | null {
  return ms === null ? null : roughly(ms)
}

/** The jobs of a lane: a line of titles, then one line for each job. */
export function jobTable(jobs: readonly JobView[]): readonly string[] {
  return aligned([
    ['JOB', 'PLACE', 'WAITED', 'CALLS', 'PROCESS', 'WHY'],
    ...jobs.map(({ key, place, waitedMs, sends, processId, why }) => [
      ...[key, place, time(waitedMs) ?? '-', String(sends), processId ?? '-', why],
    ]),
  ])
}

/** The jobs of a process instance, as {@link jobTable}. */
export function foundTable(jobs: readonly JobView[]): readonly string[] {
  return aligned([
    ['JOB', 'ELEMENT', 'STATE', 'CALLS', 'ERROR', 'LANE', 'WHY'],
    ...jobs.map(({ key, elementId, state, sends, error, account, region, model, why }) => [
      ...[key, elementId ?? '-', state, String(sends), error ?? '-', `${account}@${region}@${model}`, why],
    ]),
  ])
}

function aligned(cells: readonly (readonly string[])[]): readonly string[] {
  const rows = cells.map((row) => row.map(printable))
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
