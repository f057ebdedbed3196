// `quarry pause`, `resume`, `drain` and `pace set`: what they have in common, and what each asks of the lanes.
import { chooseLanes } from '../control/choose-lanes.ts'
import { describePace, type LaneControl, type PaceChange } from '../control/lane-control.ts'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import { COMMAND_TABLE } from './command-table.ts'
import { withLanes } from './control-session.ts'
import { writeHelp } from './help.ts'
import { describeChoice, laneChoice } from './lane-choice.ts'
import { type Flags, parseFlags } from './parse-flags.ts'
import { printable } from './printable.ts'
import { UsageError } from './usage-error.ts'

/** The exit code when no lane is the one that was asked for. */
const NO_LANE = 3

interface Steering {
  readonly command: 'pace' | 'pause' | 'resume' | 'drain'
  readonly action: string
  /** What becomes of a lane, in words. */
  readonly becomes: string
  readonly act: (control: LaneControl, lanes: readonly LaneName[]) => Promise<void>
}

async function steer(flags: Flags, name: string | undefined, steering: Steering): Promise<number> {
  const { command, action, becomes, act } = steering
  const choice = laneChoice(command, name, flags)
  const lanes = await withLanes(command, flags, async (session) => {
    const chosen = chooseLanes(await session.lanes(), choice)
    if (chosen.length > 0) await act(session.control, chosen)
    return chosen
  })
  if (flags.switches.has('json')) {
    process.stdout.write(
      `${JSON.stringify({ action, change: becomes, lanes: lanes.map(describe) }, null, 2)}\n`,
    )
  } else {
    process.stdout.write(lanes.map((lane) => `${inClear(lane)}: ${becomes}\n`).join(''))
  }
  if (lanes.length > 0) return 0
  process.stderr.write(`quarry: ${describeChoice(choice)}. \`quarry lanes\` lists them.\n`)
  return NO_LANE
}

function describe(name: LaneName) {
  return { name, ...parseLaneName(name) }
}

function inClear(name: LaneName): string {
  const { account, region, model } = parseLaneName(name)
  return printable(`${account}@${region}@${model}`)
}

function steerCommand(steering: Steering) {
  return async (argv: readonly string[]): Promise<number> => {
    const flags = parseFlags(steering.command, argv, COMMAND_TABLE[steering.command].flags, 1)
    if (flags.switches.has('help')) return writeHelp(steering.command)
    return steer(flags, flags.others[0], steering)
  }
}

/** The command `quarry pause`. */
export const pause = steerCommand({
  command: 'pause',
  action: 'pause',
  becomes: 'paused',
  act: (control, lanes) => control.pause(lanes),
})

/** The command `quarry resume`. */
export const resume = steerCommand({
  command: 'resume',
  action: 'resume',
  becomes: 'running',
  act: (control, lanes) => control.resume(lanes),
})

/** The command `quarry drain`. */
export const drain = steerCommand({
  command: 'drain',
  action: 'drain',
  becomes: 'draining',
  act: (control, lanes) => control.drain(lanes),
})

/** The command `quarry pace set`. */
export async function pace(argv: readonly string[]): Promise<number> {
  const flags = parseFlags('pace', argv, COMMAND_TABLE.pace.flags, 2)
  if (flags.switches.has('help')) return writeHelp('pace')
  const [verb, name] = flags.others
  if (verb !== 'set') {
    const problem = verb === undefined ? 'what of the pace?' : `there is no \`pace ${verb}\`.`
    throw new UsageError(`${problem} There is \`quarry pace set\`.`, 'pace')
  }
  const change = readChange(flags)
  return steer(flags, name, {
    command: 'pace',
    action: 'pace',
    becomes: describePace(change),
    act: (control, lanes) => control.setPace(lanes, change),
  })
}

function readChange({ texts }: Flags): PaceChange {
  const figure = (flag: string): number | null | undefined => {
    const text = texts[flag]
    if (text === undefined || text === 'none') return text === undefined ? undefined : null
    if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
    throw new UsageError(`--${flag}: ${text} is not a whole number from 1 up, or none.`, 'pace')
  }
  const change = {
    requestsPerMinute: figure('rpm'),
    tokensPerMinute: figure('tpm'),
    concurrency: figure('concurrency'),
  }
  if (Object.values(change).some((value) => value !== undefined)) return change
  throw new UsageError('what pace? Give --rpm, --tpm or --concurrency: a number, or none.', 'pace')
}
