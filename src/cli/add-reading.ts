// The commands that show something and change nothing: `config`, `doctor`, `lanes`, `jobs`.
import { Argument, type Command, Option } from 'commander'
import { addCommand, addGroup, CONFIG, type Ends, KEY, SETTINGS, text, wholeNumber } from './flags.ts'
import { OUTPUT, WIDE_OUTPUT } from './output.ts'
import { WATCH } from './watch.ts'

export function addReading(program: Command, ends: Ends): void {
  addCommand(program, 'config', 'show every setting, its value and where it came from', [
    ...OUTPUT,
    new Option('--changed', 'only settings that are not their default'),
    ...SETTINGS,
  ])
    .description('Shows every setting, its value and where it came from. Secrets are masked.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 wrong settings, each named with its reason, 2 wrong command line.',
    )
    .action(ends(async (flags) => (await import('./config.ts')).config(flags)))

  addCommand(program, 'doctor', 'check what Quarry needs, with a remedy for each fault', [
    text('--model <id>', 'call this model once, with one token of output, which AWS bills'),
    text('--region <region>', 'AWS region to check (default: the first of QUARRY_REGIONS, or AWS_REGION)'),
    text('--roles <list>', 'only check what these roles need: adapter, bedrock, ops (default: as set)'),
    ...OUTPUT,
    CONFIG,
  ])
    .description(
      "Checks what Quarry needs, and names a remedy for each fault: settings, Redis (version, policy, persistence, memory, latency), Zeebe, Camunda's REST API, the connection to Bedrock, the identity at AWS, clocks, payload key, lanes file. It changes nothing.",
    )
    .addHelpText('after', '\nExit codes: 0 no fault (perhaps warnings), 1 a fault, 2 wrong command line.')
    .action(ends(async (flags) => (await import('./doctor.ts')).doctor(flags)))

  addCommand(program, 'lanes', 'show the lanes, their jobs, pace and quota', [...WIDE_OUTPUT, WATCH, CONFIG])
    .description('Shows the lanes: their jobs, their rate from now on, and what limits it.')
    .addHelpText(
      'after',
      `
FROM names the origin of the quota: file (QUARRY_LANES_FILE), settings, default, or who changed it with \`quarry pace set\`.
The quotas are those that workers have in force.

Exit codes: 0 done, 1 failed or Redis unreachable, 2 wrong command line.`,
    )
    .action(ends(async (flags) => (await import('./lanes.ts')).lanes(flags)))

  addCommand(program, 'audit', 'show who changed lanes and jobs', [
    wholeNumber('--limit <n>', 'most changes to show, from 1 to 1000', 1, 1_000).default(30),
    ...OUTPUT,
    CONFIG,
  ])
    .description('Shows who changed lanes and jobs, the latest change first, with the reason that was given.')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or Redis unreachable, 2 wrong command line.')
    .action(ends(async (flags) => (await import('./audit.ts')).audit(flags)))

  addJobs(addGroup(program, 'jobs', 'show where a job is and why it waits'), ends)
}

const JOBS_END = `
Prompts and answers are not shown; docs/commands.md lists the fields.

Exit codes: 0 done, 1 failed or Redis unreachable, 2 wrong command line, 3 no such job or lane.`

function addJobs(jobs: Command, ends: Ends): void {
  addCommand(jobs, 'show', 'one job', [...OUTPUT, CONFIG])
    .description('Shows where a job is and why it waits.')
    .addArgument(KEY)
    .addHelpText('after', JOBS_END)
    .action(ends(async (key, flags) => (await import('./jobs.ts')).showJob(key, flags)))

  addCommand(jobs, 'find', 'the jobs of a process instance', [
    text('--instance <key>', 'key of the process instance, as Operate shows it').makeOptionMandatory(),
    wholeNumber('--limit <n>', 'most jobs to show, from 1 to 1000', 1, 1_000).default(50),
    ...OUTPUT,
    WATCH,
    CONFIG,
  ])
    .description('Shows the jobs of a process instance that wait, run, or ended within QUARRY_JOB_HISTORY.')
    .addHelpText('after', JOBS_END)
    .action(ends(async (flags) => (await import('./jobs.ts')).findJobs(flags)))

  addCommand(jobs, 'list', 'the jobs of a lane', [
    wholeNumber('--limit <n>', 'most jobs to show, from 1 to 1000', 1, 1_000).default(50),
    ...OUTPUT,
    WATCH,
    CONFIG,
  ])
    .description('Shows the jobs of a lane: running jobs, then waiting jobs in order, then delayed jobs.')
    .addArgument(new Argument('<lane>', 'account@region@model, as `quarry lanes` shows it'))
    .addHelpText('after', JOBS_END)
    .action(ends(async (lane, flags) => (await import('./jobs.ts')).listJobs(lane, flags)))
}
