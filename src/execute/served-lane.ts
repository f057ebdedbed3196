// A lane as this worker serves it: its turns, by the lane's shared pace and, if a route allows it, by other lanes' paces; and the tokens of its
// calls.
import { FairGate } from '../job/fair-gate.ts'
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { EndedCall, PaceEnd } from '../lanes/pace/lane-pace.ts'
import type { LaneLimits, OutageChange, PaceStore, Wait } from '../lanes/pace/pace-store.ts'
import type { Spillover } from '../lanes/pace/spillover.ts'
import type { LaneQuota } from '../rules/lane-quota.ts'
import { type CallTokens, makeCallTokens } from './call-tokens.ts'
import { makeOtherLanes } from './other-lanes.ts'
import { makeOwnOutage, type OwnOutage } from './own-outage.ts'
import { makeTurns, type TurnParts, type Turns } from './turns.ts'

/** Places for trials of a lane in a process. */
export const MOST_TRIALS = 8

export interface ServedLane {
  readonly name: LaneName
  readonly lane: Lane
  readonly turns: Turns
  readonly tokens: CallTokens
  /** The model that its calls reach, now. */
  model(): string
  /** Places for trials (trial-calls.ts). */
  readonly trials: FairGate
  /** Gives back the fetch of a job that is not sent now, so that another is fetched instead. */
  unfetched(): Promise<void>
  /** Reports the number of its slow jobs in this process (reading-places.ts). */
  slow(jobs: number): Promise<void>
  /** Updates the limits of fetching, as after a change of the quota. */
  refresh(): Promise<void>
  /** Whether its jobs may be sent to other lanes, now. */
  spills(): boolean
  /** Ms for which this worker must not fetch its jobs, as only this worker gets no answers; 0: it may. */
  restMs(): number
  /** Sends no jobs to another lane for a while: AWS gives this account no access there, or does not have the model. */
  avoid(other: LaneName): void
}

/** Ends that are answers of AWS. */
const ANSWERS: ReadonlySet<PaceEnd> = new Set(['ok', 'throttle', 'tokenThrottle', 'quota', 'unavailable'])

export interface LanePaceParts extends Pick<TurnParts, 'onFailure' | 'now'> {
  readonly store: PaceStore
  /** The configured quota of a lane, now. */
  readonly quotaOf: (lane: Lane) => LaneQuota
  /** The model that a lane's calls reach, now, if its name is that of a profile. @default the name */
  readonly modelOf?: (lane: Lane) => string
  /** Where its jobs may spill over, now; null: nowhere. */
  readonly spilloverOf: (lane: Lane) => Spillover | null
  readonly random: () => number
  /** Makes the worker fetch from a lane at once, as one more job may be fetched. */
  readonly reopen: (lane: LaneName) => void
  /** Called when an outage of a lane begins or ends with a call of this process. */
  readonly onOutage: (lane: LaneName, change: OutageChange) => void
}

export function makeServedLane(name: LaneName, lane: Lane, parts: LanePaceParts): ServedLane {
  const { store, onFailure, now } = parts
  const others = makeOtherLanes({ store, quotaOf: parts.quotaOf, random: parts.random, now })
  const own = makeOwnOutage(now, parts.random)
  const rest = (): Wait | null => {
    const waitMs = own.restMs()
    return waitMs === 0 ? null : { kind: 'wait', waitMs, reason: 'outage', pace: 1 }
  }
  const limits = (): LaneLimits => {
    const spillover = parts.spilloverOf(lane)
    const asker = spillover === null ? 'own' : { spilloverPace: others.pace(spillover) }
    return { ...parts.quotaOf(lane), asker }
  }
  const turns = makeTurns({
    async reserve(asked) {
      const grant = rest() ?? (await store.reserve(name, limits(), asked))
      if (grant.kind === 'go') {
        own.sent()
        return { ...grant, lane: name }
      }
      const spillover = asked.stays ? null : parts.spilloverOf(lane)
      const spills =
        spillover !== null &&
        grant.reason !== 'paused' &&
        (grant.reason === 'outage' || asked.sinceMs >= spillover.spillAfterMs)
      return spills ? others.reserve(spillover, asked, grant) : grant
    },
    async trial() {
      if (rest() !== null) return null
      const sentAt = await store.trial(name, limits())
      if (sentAt === null) return null
      own.sent()
      return { lane: name, sentAt }
    },
    async look() {
      const seen = rest() ?? (await store.look(name, limits()))
      // With a route, another lane may send what this one cannot.
      return parts.spilloverOf(lane) === null ? seen : null
    },
    async settle(where, call) {
      const held = where === name ? limits() : others.limitsIn(parseLaneName(where))
      const change = await store.settle(where, held, call)
      const isAlone = change?.kind === 'alone'
      if (change !== null && change.kind !== 'alone') parts.onOutage(where, change)
      if (where === name) learn(own, call, isAlone, (news) => parts.onOutage(name, news))
      else if (isAlone) others.avoid(where)
    },
    onFailure,
    now,
  })
  const model = (): string => parts.modelOf?.(lane) ?? lane.model
  return {
    name,
    lane,
    turns,
    tokens: makeCallTokens(model),
    model,
    trials: new FairGate(MOST_TRIALS),
    async unfetched() {
      await store.unfetched(name)
      parts.reopen(name)
    },
    slow: (jobs) => store.slow(name, limits(), jobs),
    async refresh() {
      await store.look(name, limits())
    },
    restMs: own.restMs,
    spills: () => parts.spilloverOf(lane) !== null,
    avoid: others.avoid,
  }
}

/** Updates this worker's own outage by the end of a call. */
function learn(
  own: OwnOutage,
  { end, why = '' }: EndedCall,
  isAlone: boolean,
  onOutage: (change: OutageChange) => void,
): void {
  if (isAlone) {
    if (own.failed()) onOutage({ kind: 'began', why: `${why} Other workers get answers: see this one.` })
  } else if (ANSWERS.has(end)) {
    const lastedMs = own.answered()
    if (lastedMs !== null) onOutage({ kind: 'ended', lastedMs })
  } else own.ended()
}
