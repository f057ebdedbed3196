// `quarry jobs` and `quarry retry`: show where jobs are and why they wait, and try one again.
import { styleText } from 'node:util'
import { chooseLanes } from '../control/choose-lanes.ts'
import type { JobView } from '../control/job-view.ts'
import { type JobKey, jobKey } from '../job/ids.ts'
import { withLanes } from './control-session.ts'
import { foundTable, jobCard, jobTable } from './job-card.ts'
import { describeChoice } from './lane-choice.ts'
import { isData, type OutputFlags, shown } from './output.ts'
import type { SettingsFlags } from './read-settings.ts'
import { UsageError } from './usage-error.ts'
import { showing, type WatchFlags } from './watch.ts'

/** The exit code when there is no such job, or no such lane. */
const NOT_THERE = 3

type Flags = SettingsFlags & OutputFlags
type Limit = { readonly limit: number }

/** The command `quarry jobs show KEY`. */
export async function showJob(text: string, flags: Flags): Promise<number> {
  const key = readKey('jobs show', text)
  const found = await withLanes('jobs', flags, async ({ jobs }) => {
    const job = await jobs.read(key)
    if (job !== null) return { ...job, message: await jobs.message(key) }
    return (await jobs.ofInstance(key, 1)).length > 0 ? 'instance' : null
  })
  if (found === null) return missing(key)
  if (found === 'instance') return ofInstance(key)
  process.stdout.write(shown(flags, found, () => `${jobCard(found).join('\n')}\n`))
  return 0
}

/** The command `quarry jobs list LANE`. */
export async function listJobs(name: string, flags: Flags & WatchFlags & Limit): Promise<number> {
  const choice = { kind: 'name', name } as const
  const found = await withLanes('jobs', flags, async (session) => {
    const [lane] = chooseLanes(await session.lanes(), choice)
    if (lane === undefined) return false
    await showing(flags, async () => {
      const jobs = await session.jobs.ofLane(lane, flags.limit)
      return shown(flags, jobs, () =>
        jobs.length === 0 ? 'No job is in this lane.\n' : table(jobs, jobTable),
      )
    })
    return true
  })
  if (found) return 0
  process.stderr.write(`quarry: ${describeChoice(choice)}. \`quarry lanes\` lists them.\n`)
  return NOT_THERE
}

/** The command `quarry jobs find --instance KEY`. */
export async function findJobs(
  flags: Flags & WatchFlags & Limit & { readonly instance: string },
): Promise<number> {
  const instance = readKey('jobs find', flags.instance)
  let known = 0
  await withLanes('jobs', flags, ({ jobs }) =>
    showing(flags, async () => {
      const found = await jobs.ofInstance(instance, flags.limit)
      known = found.length
      return shown(flags, found, () => (known === 0 ? '' : table(found, foundTable)))
    }),
  )
  if (known > 0) return 0
  process.stderr.write(
    `quarry: no job of process instance ${instance} is known: Zeebe has not handed one out yet, or they ended longer ago than QUARRY_JOB_HISTORY.\n`,
  )
  return NOT_THERE
}

/** The command `quarry retry KEY`. */
export async function retry(text: string, flags: Flags): Promise<number> {
  const key = readKey('retry', text)
  const result = await withLanes('retry', flags, (session) => session.jobControl.retry(key))
  if (isData(flags)) process.stdout.write(shown(flags, { key, ...result }, () => ''))
  else if (result.kind === 'unknown' || result.kind === 'refused')
    process.stderr.write(`quarry: job ${key}: ${result.message}\n`)
  else process.stdout.write(`${key}: ${result.message}\n`)
  switch (result.kind) {
    case 'promoted':
    case 'resolved':
    case 'nothing':
      return 0
    case 'refused':
      return 1
    case 'unknown':
      return NOT_THERE
  }
}

function readKey(command: string, text: string): JobKey {
  try {
    return jobKey(text)
  } catch {
    throw new UsageError(`${text.slice(0, 40)} is not a job key, which has digits only.`, command)
  }
}

function ofInstance(key: JobKey): number {
  process.stderr.write(
    `quarry: ${key} is a process instance. \`quarry jobs find --instance ${key}\` lists its jobs.\n`,
  )
  return NOT_THERE
}

function missing(key: JobKey): number {
  process.stderr.write(
    `quarry: job ${key} is not known: Zeebe has not handed it out yet, or it ended some time ago.\n`,
  )
  return NOT_THERE
}

function table(found: readonly JobView[], lined: typeof jobTable): string {
  const [titles = '', ...lines] = lined(found)
  // styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
  return `${[styleText('bold', titles, { stream: process.stdout }), ...lines].join('\n')}\n`
}
