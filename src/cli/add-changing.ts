// The commands that change jobs and lanes while Quarry runs: `retry`, `pace set`, `pause`, `drain`, `resume`.
import { Argument, type Command } from 'commander'
import { addCommand, addGroup, CONFIG, type Ends, figure, KEY, LANES } from './flags.ts'
import { OUTPUT } from './output.ts'

const LANE = new Argument(
  '[lane]',
  'account@region@model, as `quarry lanes` shows it; or choose lanes by flags',
)
const LANES_END = `
A lane that is so already is left alone. On a terminal the command asks before it changes several lanes.
docs/lanes.md has the details.

Exit codes: 0 done, 1 failed or Redis unreachable, 2 wrong command line, 3 no lane matches.`

export function addChanging(program: Command, ends: Ends): void {
  addCommand(program, 'retry', 'try a job that is delayed, or that failed, again', [...OUTPUT, CONFIG])
    .description(
      "Tries a job again. A job that is delayed, after a throttle or for a budget, goes to the front of its lane; the budget may delay it again. For a failed job, a running adapter resolves the incident with as many retries as before; it needs ZEEBE_REST_ADDRESS for Camunda's REST API.",
    )
    .addArgument(KEY)
    .addHelpText(
      'after',
      `
The command waits up to 20 s for an adapter; after that the job is not retried.

Exit codes: 0 done or nothing to do, 1 failed or Redis unreachable, 2 wrong command line, 3 no such job.`,
    )
    .action(ends(async (key, flags) => (await import('./jobs.ts')).retry(key, flags)))

  const pace = addGroup(program, 'pace', 'change the quota of lanes while Quarry runs')
  addCommand(pace, 'set', 'change the quota of lanes', [
    figure('--rpm <n>', 'requests per minute; `none` returns to the lanes file and the settings'),
    figure('--tpm <n>', 'tokens per minute, or `none`'),
    figure('--concurrency <n>', 'calls in flight of all workers together, or `none`'),
    ...LANES,
    ...OUTPUT,
  ])
    .description(
      'Changes the quota of lanes while Quarry runs, in all processes at once, until it is taken back.',
    )
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).setPace(lane, flags)))

  addCommand(pace, 'unset', 'return lanes to the quota of the lanes file and the settings', [
    ...LANES,
    ...OUTPUT,
  ])
    .description('Takes back what `quarry pace set` changed, for all figures of the lanes.')
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).unsetPace(lane, flags)))

  addCommand(program, 'pause', 'stop sending from lanes', [...LANES, ...OUTPUT])
    .description('Keeps workers from taking jobs of lanes, until `quarry resume`. Running calls go on.')
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).pause(lane, flags)))

  addCommand(program, 'drain', 'put no more jobs into lanes', [...LANES, ...OUTPUT])
    .description('Leaves new jobs of lanes with Zeebe and sends what waits in them, until `quarry resume`.')
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).drain(lane, flags)))

  addCommand(program, 'resume', 'undo pause and drain', [...LANES, ...OUTPUT])
    .description('Ends the pause and the drain of lanes.')
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).resume(lane, flags)))
}
