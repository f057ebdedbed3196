// The commands that change jobs and lanes while Quarry runs: `retry`, `pace set`, `pause`, `drain`, `resume`.
import { Argument, type Command } from 'commander'
import { addCommand, addGroup, CONFIG, type Ends, figure, JSON_OUTPUT, KEY, LANES } from './flags.ts'

const LANE = new Argument(
  '[lane]',
  'account@region@model, as `quarry lanes` shows it; or choose lanes by flags',
)
const LANES_END = `
Ends with 0 when it is done, 1 when it failed or Redis is away, 2 when the command line is wrong, 3 when no lane fits.
docs/lanes.md has the details.`

export function addChanging(program: Command, ends: Ends): void {
  addCommand(program, 'retry', 'try a job that is delayed, or that failed, again', [JSON_OUTPUT, CONFIG])
    .description(
      "Tries a job again. A job that is delayed, after a throttle or for a budget, goes to the front of its lane; the budget may delay it again. Of a job that failed, the incident is resolved with as many retries as before: a running adapter does that by Camunda's REST API, for which it needs CAMUNDA_REST_ADDRESS.",
    )
    .addArgument(KEY)
    .addHelpText(
      'after',
      `
Ends with 0 when it is done or there is nothing to do, 1 when it could not be done or Redis is away, 2 when the command line
is wrong, 3 when there is no such job. It waits up to 20 s for an adapter; after that nothing is done.`,
    )
    .action(ends(async (key, flags) => (await import('./jobs.ts')).retry(key, flags)))

  const pace = addGroup(program, 'pace', 'change the quota of lanes while Quarry runs')
  addCommand(pace, 'set', 'change the quota of lanes', [
    figure('--rpm <n>', 'requests per minute; `none` gives it back to the file and the settings'),
    figure('--tpm <n>', 'tokens per minute; the same'),
    figure('--concurrency <n>', 'calls in flight, of all workers together; the same'),
    ...LANES,
  ])
    .description(
      'Changes the quota of lanes while Quarry runs, in all processes at once, until it is taken back.',
    )
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).setPace(lane, flags)))

  addCommand(program, 'pause', 'stop sending from lanes', LANES)
    .description('Keeps workers from taking jobs of lanes, until `quarry resume`. Running calls go on.')
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).pause(lane, flags)))

  addCommand(program, 'drain', 'put no more jobs into lanes', LANES)
    .description('Leaves new jobs of lanes with Zeebe and sends what waits in them, until `quarry resume`.')
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).drain(lane, flags)))

  addCommand(program, 'resume', 'end both', LANES)
    .description('Ends the pause and the drain of lanes.')
    .addArgument(LANE)
    .addHelpText('after', LANES_END)
    .action(ends(async (lane, flags) => (await import('./steer.ts')).resume(lane, flags)))
}
