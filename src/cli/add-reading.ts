// The commands that show something and change nothing: `config`, `doctor`, `lanes`, `jobs`.
import { Argument, type Command } from 'commander'
import {
  addCommand,
  addGroup,
  CONFIG,
  type Ends,
  JSON_OUTPUT,
  KEY,
  SETTINGS,
  text,
  wholeNumber,
} from './flags.ts'

export function addReading(program: Command, ends: Ends): void {
  addCommand(program, 'config', 'show every setting, its value and where it came from', [
    JSON_OUTPUT,
    ...SETTINGS,
  ])
    .description('Shows every setting, its value and where it came from. Secrets are masked.')
    .addHelpText('after', '\nEnds with 1 when a setting is wrong, after naming each wrong one and why.')
    .action(ends(async (flags) => (await import('./config.ts')).config(flags)))

  addCommand(program, 'doctor', 'check what Quarry needs, and say what to do', [
    text('--model <id>', 'call this model once, with one token of output, which AWS bills'),
    text('--region <region>', 'AWS region to ask (default: the first of QUARRY_REGIONS, or AWS_REGION)'),
    text('--roles <list>', 'leave out what these roles do not need: adapter, bedrock, ops (default: as set)'),
    JSON_OUTPUT,
    CONFIG,
  ])
    .description(
      "Checks what Quarry needs, and for each fault says what to do: settings, Redis (version, policy, persistence, memory, latency), Zeebe, Camunda's REST API, the connection to Bedrock, the identity at AWS, clocks, payload key, lanes file. It changes nothing.",
    )
    .addHelpText(
      'after',
      '\nEnds with 0 without a fault (there may be warnings), 1 with one, 2 when the command line is wrong.',
    )
    .action(ends(async (flags) => (await import('./doctor.ts')).doctor(flags)))

  addCommand(program, 'lanes', 'show the lanes, their jobs, pace and quota', [JSON_OUTPUT, CONFIG])
    .description('Shows the lanes: their jobs, their rate from now on, and what limits it.')
    .addHelpText(
      'after',
      `
FROM names the origin of the quota: file (QUARRY_LANES_FILE), settings, default, or who changed it with \`quarry pace set\`.
The file and the settings are those that this command reads. Ends with 0, or with 1 when Redis is away.`,
    )
    .action(ends(async (flags) => (await import('./lanes.ts')).lanes(flags)))

  addJobs(addGroup(program, 'jobs', 'show where a job is and why it waits'), ends)
}

const JOBS_END = `
Ends with 0, with 1 when Redis is away, 2 when the command line is wrong, 3 when there is no such job or lane.
Prompts and answers are not shown; docs/commands.md lists what is.`

function addJobs(jobs: Command, ends: Ends): void {
  addCommand(jobs, 'show', 'one job', [JSON_OUTPUT, CONFIG])
    .description('Shows where a job is and why it waits.')
    .addArgument(KEY)
    .addHelpText('after', JOBS_END)
    .action(ends(async (key, flags) => (await import('./jobs.ts')).showJob(key, flags)))

  addCommand(jobs, 'list', 'the jobs of a lane', [
    wholeNumber('--limit <n>', 'most jobs to show, from 1 to 1000', 1, 1_000).default(50),
    JSON_OUTPUT,
    CONFIG,
  ])
    .description('Shows the jobs of a lane: those at workers, then those in turn, then the delayed ones.')
    .addArgument(new Argument('<lane>', 'account@region@model, as `quarry lanes` shows it'))
    .addHelpText('after', JOBS_END)
    .action(ends(async (lane, flags) => (await import('./jobs.ts')).listJobs(lane, flags)))
}
