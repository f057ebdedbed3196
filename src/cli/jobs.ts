// `quarry jobs` and `quarry retry`: where jobs are and why they wait, and another try of one.
import { styleText } from 'node:util'
import { chooseLanes } from '../control/choose-lanes.ts'
import type { JobView } from '../control/job-view.ts'
import { type JobKey, jobKey } from '../job/ids.ts'
import { COMMAND_TABLE } from './command-table.ts'
import { withLanes } from './control-session.ts'
import { writeHelp } from './help.ts'
import { jobCard, jobTable } from './job-card.ts'
import { describeChoice } from './lane-choice.ts'
import { type Flags, parseFlags } from './parse-flags.ts'
import { UsageError } from './usage-error.ts'

/** The exit code when there is no such job, or no such lane. */
const NOT_THERE = 3
const LISTED = 50
const MOST_LISTED = 1_000

/** The command `quarry jobs show KEY` or `quarry jobs list LANE`. */
export async function jobs(argv: readonly string[]): Promise<number> {
  const flags = parseFlags('jobs', argv, COMMAND_TABLE.jobs.flags, 2)
  if (flags.switches.has('help')) return writeHelp('jobs')
  const [verb, what] = flags.others
  switch (verb) {
    case 'show':
      return show(flags, what)
    case 'list':
      return list(flags, what)
    default: {
      const problem = verb === undefined ? 'what of the jobs?' : `there is no \`jobs ${verb}\`.`
      throw new UsageError(`${problem} There are \`quarry jobs show\` and \`quarry jobs list\`.`, 'jobs')
    }
  }
}

async function show(flags: Flags, text: string | undefined): Promise<number> {
  if (flags.texts['limit'] !== undefined) throw new UsageError('--limit goes with `jobs list`.', 'jobs')
  const key = readKey('jobs', text)
  const job = await withLanes('jobs', flags, (session) => session.jobs.read(key))
  if (job === null) return missing(key)
  if (flags.switches.has('json')) writeJson(job)
  else process.stdout.write(`${jobCard(job).join('\n')}\n`)
  return 0
}

async function list(flags: Flags, name: string | undefined): Promise<number> {
  if (name === undefined)
    throw new UsageError('of which lane? Name it as `quarry lanes` shows it: account@region@model.', 'jobs')
  const limit = readLimit(flags)
  const choice = { kind: 'name', name } as const
  const found = await withLanes('jobs', flags, async (session) => {
    const [lane] = chooseLanes(await session.lanes(), choice)
    return lane === undefined ? null : session.jobs.ofLane(lane, limit)
  })
  if (found === null) {
    process.stderr.write(`quarry: ${describeChoice(choice)}. \`quarry lanes\` lists them.\n`)
    return NOT_THERE
  }
  if (flags.switches.has('json')) writeJson(found)
  else process.stdout.write(found.length === 0 ? 'No job is in this lane.\n' : table(found))
  return 0
}

/** The command `quarry retry KEY`. */
export async function retry(argv: readonly string[]): Promise<number> {
  const flags = parseFlags('retry', argv, COMMAND_TABLE.retry.flags, 1)
  if (flags.switches.has('help')) return writeHelp('retry')
  const key = readKey('retry', flags.others[0])
  const result = await withLanes('retry', flags, (session) => session.jobControl.retry(key))
  if (flags.switches.has('json')) writeJson({ key, ...result })
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

function readKey(command: string, text: string | undefined): JobKey {
  if (text === undefined)
    throw new UsageError('which job? Give its key, as Operate and the log show it.', command)
  try {
    return jobKey(text)
  } catch {
    throw new UsageError(`${text.slice(0, 40)} is no key of a job: it takes digits.`, command)
  }
}

function readLimit({ texts: { limit = String(LISTED) } }: Flags): number {
  const count = /^\d{1,4}$/.test(limit) ? Number(limit) : 0
  if (count >= 1 && count <= MOST_LISTED) return count
  throw new UsageError(`--limit: ${limit} is not a whole number from 1 to ${MOST_LISTED}.`, 'jobs')
}

function missing(key: JobKey): number {
  process.stderr.write(
    `quarry: nothing is known of a job ${key}: Zeebe has not handed it out, or it ended a while ago.\n`,
  )
  return NOT_THERE
}

function table(found: readonly JobView[]): string {
  const [titles = '', ...lines] = jobTable(found)
  // styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
  return `${[styleText('bold', titles, { stream: process.stdout }), ...lines].join('\n')}\n`
}

function writeJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
