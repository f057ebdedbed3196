// `quarry pause`, `resume`, `drain`, `pace set` and `pace unset`: each changes the lanes that are chosen.
import { chooseLanes } from '../control/choose-lanes.ts'
import { describePace, type LaneControl, type PaceChange } from '../control/lane-control.ts'
import type { LaneOverview } from '../control/lane-overview.ts'
import type { LaneName } from '../job/ids.ts'
import { confirmed } from './confirm.ts'
import { withLanes } from './control-session.ts'
import { describeChoice, type LaneFlags, laneChoice } from './lane-choice.ts'
import { isData, type OutputFlags, shown } from './output.ts'
import { printable } from './printable.ts'
import type { SettingsFlags } from './read-settings.ts'
import { UsageError } from './usage-error.ts'

/** The exit code when no lane fits the choice. */
const NO_LANE = 3
/** The exit code when a person decides against the change. */
const DECLINED = 1

interface Flags extends SettingsFlags, LaneFlags, OutputFlags {
  readonly dryRun?: true
  readonly yes?: true
  readonly reason?: string
}
type Run = (lane: string | undefined, flags: Flags) => Promise<number>

const isPaused = ({ state }: LaneOverview): boolean => state === 'paused'
const isDraining = ({ overrides }: LaneOverview): boolean => overrides.draining

/** The command `quarry pause`. */
export const pause: Run = (lane, flags) =>
  steer(lane, flags, {
    command: 'pause',
    becomes: 'paused',
    isSo: isPaused,
    act: (control, lanes) => control.pause(lanes),
  })

/** The command `quarry resume`. */
export const resume: Run = (lane, flags) =>
  steer(lane, flags, {
    command: 'resume',
    becomes: 'running',
    // It also ends a cooldown or a wait for the end of an outage.
    isSo: (each) => !isPaused(each) && !isDraining(each) && each.outage === null && each.pace.cooldownMs <= 0,
    act: (control, lanes) => control.resume(lanes),
  })

/** The command `quarry drain`. */
export const drain: Run = (lane, flags) =>
  steer(lane, flags, {
    command: 'drain',
    becomes: 'draining',
    isSo: isDraining,
    act: (control, lanes) => control.drain(lanes),
  })

/** The command `quarry pace set`; a figure is null for `none`. */
export async function setPace(
  lane: string | undefined,
  flags: Flags & Partial<Record<'rpm' | 'tpm' | 'concurrency', number | null>>,
): Promise<number> {
  const { rpm: requestsPerMinute, tpm: tokensPerMinute, concurrency } = flags
  const change: PaceChange = { requestsPerMinute, tokensPerMinute, concurrency }
  if (Object.values(change).every((value) => value === undefined))
    throw new UsageError('what pace? Give --rpm, --tpm or --concurrency: a number, or none.', 'pace set')
  return changePace('pace set', lane, flags, change)
}

/** The command `quarry pace unset`. */
export const unsetPace: Run = (lane, flags) =>
  changePace('pace unset', lane, flags, {
    requestsPerMinute: null,
    tokensPerMinute: null,
    concurrency: null,
  })

function changePace(
  command: string,
  lane: string | undefined,
  flags: Flags,
  change: PaceChange,
): Promise<number> {
  return steer(lane, flags, {
    command,
    becomes: describePace(change),
    isSo: () => false,
    act: (control, lanes) => control.setPace(lanes, change),
  })
}

interface Steering {
  readonly command: string
  /** What becomes of a lane, in words. */
  readonly becomes: string
  /** Whether a lane is so already: then it is left alone. */
  readonly isSo: (lane: LaneOverview) => boolean
  readonly act: (control: LaneControl, lanes: readonly LaneName[]) => Promise<void>
}

/** What became of the chosen lanes. */
interface Steered {
  readonly touched: readonly LaneOverview[]
  readonly left: readonly LaneOverview[]
  readonly declined: boolean
}

async function steer(lane: string | undefined, flags: Flags, steering: Steering): Promise<number> {
  const { command, becomes } = steering
  const choice = laneChoice(command, lane, flags)
  const { touched, left, declined } = await withLanes(command, flags, async (session): Promise<Steered> => {
    const all = await session.overview()
    const names = new Set(
      chooseLanes(
        all.map(({ name }) => name),
        choice,
      ),
    )
    const chosen = all.filter(({ name }) => names.has(name))
    const left = chosen.filter(steering.isSo)
    const touched = chosen.filter((each) => !left.includes(each))
    const declined = !flags.dryRun && !(await isWanted(flags, steering, touched))
    if (touched.length > 0 && !flags.dryRun && !declined)
      await steering.act(
        session.control(flags.reason),
        touched.map(({ name }) => name),
      )
    return { touched, left, declined }
  })
  if (declined) {
    process.stderr.write('quarry: nothing was changed.\n')
    return DECLINED
  }
  // The first word is the action: `pace` for `pace set`.
  const [action] = command.split(' ')
  const data = {
    ...{ action, change: becomes, lanes: touched.map(described), unchanged: left.map(described) },
    ...(flags.dryRun && { dryRun: true }),
  }
  const would = flags.dryRun ? 'would be ' : ''
  process.stdout.write(
    shown(flags, data, () =>
      [
        ...touched.map((each) => `${inClear(each)}: ${would}${becomes}\n`),
        ...left.map((each) => `${inClear(each)}: was ${becomes} already\n`),
      ].join(''),
    ),
  )
  if (touched.length + left.length > 0) return 0
  process.stderr.write(`quarry: ${describeChoice(choice)}. \`quarry lanes\` lists them.\n`)
  return NO_LANE
}

/** One lane that a person has named needs no question. */
async function isWanted(
  flags: Flags,
  { command, becomes }: Steering,
  lanes: readonly LaneOverview[],
): Promise<boolean> {
  if (lanes.length < 2 || flags.yes || isData(flags)) return true
  return confirmed(
    `quarry ${command}: ${lanes.length} lanes become ${becomes}. Continue?`,
    lanes.map(inClear),
  )
}

function described({ name, account, region, model }: LaneOverview) {
  return { name, account, region, model }
}

function inClear({ account, region, model }: LaneOverview): string {
  return printable(`${account}@${region}@${model}`)
}
