// `quarry pause`, `resume`, `drain` and `pace set`: each changes the lanes that are chosen.
import { chooseLanes } from '../control/choose-lanes.ts'
import { describePace, type LaneControl, type PaceChange } from '../control/lane-control.ts'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import { withLanes } from './control-session.ts'
import { describeChoice, type LaneFlags, laneChoice } from './lane-choice.ts'
import { printable } from './printable.ts'
import type { SettingsFlags } from './read-settings.ts'
import { UsageError } from './usage-error.ts'

/** The exit code when no lane fits the choice. */
const NO_LANE = 3

type Flags = SettingsFlags & LaneFlags & { readonly json?: true }
type Run = (lane: string | undefined, flags: Flags) => Promise<number>

/** The command `quarry pause`. */
export const pause: Run = (lane, flags) =>
  steer(lane, flags, { command: 'pause', becomes: 'paused', act: (control, lanes) => control.pause(lanes) })

/** The command `quarry resume`. */
export const resume: Run = (lane, flags) =>
  steer(lane, flags, {
    command: 'resume',
    becomes: 'running',
    act: (control, lanes) => control.resume(lanes),
  })

/** The command `quarry drain`. */
export const drain: Run = (lane, flags) =>
  steer(lane, flags, { command: 'drain', becomes: 'draining', act: (control, lanes) => control.drain(lanes) })

/** The command `quarry pace set`; a figure is null for `none`. */
export async function setPace(
  lane: string | undefined,
  flags: Flags & Partial<Record<'rpm' | 'tpm' | 'concurrency', number | null>>,
): Promise<number> {
  const { rpm: requestsPerMinute, tpm: tokensPerMinute, concurrency } = flags
  const change: PaceChange = { requestsPerMinute, tokensPerMinute, concurrency }
  if (Object.values(change).every((value) => value === undefined))
    throw new UsageError('what pace? Give --rpm, --tpm or --concurrency: a number, or none.', 'pace set')
  return steer(lane, flags, {
    command: 'pace set',
    becomes: describePace(change),
    act: (control, lanes) => control.setPace(lanes, change),
  })
}

interface Steering {
  readonly command: string
  /** What becomes of a lane, in words. */
  readonly becomes: string
  readonly act: (control: LaneControl, lanes: readonly LaneName[]) => Promise<void>
}

async function steer(lane: string | undefined, flags: Flags, steering: Steering): Promise<number> {
  const { command, becomes, act } = steering
  const choice = laneChoice(command, lane, flags)
  const lanes = await withLanes(command, flags, async (session) => {
    const chosen = chooseLanes(await session.lanes(), choice)
    if (chosen.length > 0) await act(session.control, chosen)
    return chosen
  })
  if (flags.json) {
    // The first word is the action: `pace` for `pace set`.
    const [action] = command.split(' ')
    process.stdout.write(
      `${JSON.stringify({ action, change: becomes, lanes: lanes.map(describe) }, null, 2)}\n`,
    )
  } else {
    process.stdout.write(lanes.map((name) => `${inClear(name)}: ${becomes}\n`).join(''))
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
