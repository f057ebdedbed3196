// How many jobs lanes may still take, by how full they are and how fast they move; and in which order jobs are taken where some of a
// lane had to go back to Zeebe.
import type { JobKey, LaneName } from '../job/ids.ts'
import {
  type AwayGroup,
  type AwayLook,
  type AwayStore,
  DELAYED,
  groupName,
  type Leaving,
} from '../lanes/away/away-store.ts'
import type { Events } from '../telemetry/events.ts'
import { type ArrivedJob, chooseLeft, leaseAway, timeAway } from './away-jobs.ts'
import {
  depthOf,
  type KnownLane,
  type KnownLanes,
  type KnownLanesParts,
  makeKnownLanes,
  moves,
  standsStill,
} from './known-lanes.ts'
import { excessOf, type Sharer } from './lane-share.ts'
import { makeStuckLanes } from './stuck-lanes.ts'

export interface LaneRoomParts extends Omit<KnownLanesParts, 'away'> {
  readonly away: AwayStore
  readonly events: Events
  readonly random: () => number
}

/** A job that asks for room in a lane. */
export interface AskingJob {
  readonly key: JobKey
  readonly tenantId: string
}

/** A job that has come, and the group in whose order it waits. */
export interface PlacedJob extends ArrivedJob {
  readonly group: AwayGroup
  /** Since when it was held before it was given back, ms since the epoch; null if it was not. */
  readonly sinceMs: number | null
}

/** A job that is to be called back. */
export interface CalledJob {
  readonly group: AwayGroup
  readonly key: JobKey
}

/** What a lane that does not move must give back, since it holds more than it may now. */
export interface Excess {
  readonly lane: LaneName
  readonly jobs: number
  /** `lane`: jobs that wait. `delayed`: delayed jobs, as for a budget. With a tenant: jobs of that tenant. */
  readonly of: 'lane' | 'delayed' | { readonly tenantId: string }
}

export interface LaneRoom {
  /**
   * How many jobs may be activated now, whichever lanes they belong to; 0 while a lane that moves has its share.
   * @param arriving - jobs that this adapter has taken and not accepted yet.
   */
  fits(arriving: number): Promise<number>
  /** Takes room for jobs of a lane. Resolves with the jobs that find none, and with those to queue. */
  take(
    lane: LaneName,
    jobs: readonly AskingJob[],
  ): Promise<{ readonly left: readonly PlacedJob[]; readonly taken: readonly PlacedJob[] }>
  /** How long each of a lane's jobs that go back to Zeebe stays away, ms. */
  timesAway(lane: LaneName, jobs: readonly Pick<PlacedJob, 'group'>[]): readonly number[]
  /** Records that jobs are away, once Zeebe knows it. */
  wentAway(group: AwayGroup, jobs: readonly Leaving[]): Promise<void>
  /** Why the last look at a lane refused jobs. */
  why(lane: LaneName): 'laneFull' | 'laneDraining'
  /** The oldest returned jobs that have room now. Each is given once, to one adapter. */
  recall(): Promise<readonly CalledJob[]>
  /** Whether jobs are away, as far as this adapter knows. */
  waits(): boolean
  /** Forgets a job that was to be called back, and that Zeebe no longer has. */
  forget(called: CalledJob): Promise<void>
  /** What lanes must give back while room is short. Called by one adapter at a time. */
  excess(): Promise<readonly Excess[]>
  /** In how many lanes a tenant has jobs; not counted where there is only one tenant. */
  lanesOf(tenantId: string): number
  /** All jobs of those lanes that do not move, to free the places of the lanes. */
  still(lanes: readonly LaneName[]): Promise<readonly Excess[]>
  /** How long each job stays away whose lane gets no place, ms. */
  timesRefused(jobs: number): readonly number[]
  /**
   * The lease to activate jobs with while most of them go back, ms: it is the time that they stay away. Null while jobs of a slow but
   * moving lane go back: they are wanted again soon, and in order.
   */
  leaseAway(): number | null
  /** The group in whose order a lane's job waits when it is given back. */
  groupOf(lane: LaneName, of: Excess['of'], tenantId: string): AwayGroup
}

/** Lanes nearer to their limit than this, or half full, are looked at before each activation. */
const NEAR = 200

export function makeLaneRoom(parts: LaneRoomParts): LaneRoom {
  const { look, away, free, heldBy, maxBacklog, share, tenantShare, now, random } = parts
  const stuck = makeStuckLanes(parts.events, now)
  const lanes = makeKnownLanes(
    { look, away: away.look, free, heldBy, maxBacklog, share, tenantShare, now },
    (lane, known) => stuck.looked(lane, known, lanes.away.sum(lane)),
  )
  const tenantGroup = (lane: LaneName, tenantId: string): AwayGroup => ({
    lane,
    of: tenantShare === null ? '' : tenantId,
  })
  return {
    fits: (arriving) => fits(lanes, arriving, now),
    async take(lane, jobs) {
      const delayed: AwayGroup = { lane, of: DELAYED }
      const tenants = [...Map.groupBy(jobs, ({ tenantId }) => tenantId)].map(([tenantId, own]) => {
        return { tenantId, own, group: tenantGroup(lane, tenantId) }
      })
      // At once: a lone job would wait for one round trip after another.
      const [known, ofDelayed, ...ofTenants] = await Promise.all([
        lanes.know(lane),
        ...[delayed, ...tenants.map(({ group }) => group)].map(lanes.away.know),
      ])
      const waited = await arrivals(away, delayed, ofDelayed, jobs)
      const [left, taken]: [PlacedJob[], PlacedJob[]] = [[], []]
      for (const [index, { tenantId, own, group }] of tenants.entries()) {
        const arrived = await arrivals(away, group, ofTenants[index], own)
        const came = own.map(({ key }) => ({
          ...(arrived.get(key) ?? waited.get(key) ?? { ...NEW, key }),
          group,
        }))
        const refused = chooseLeft(came, (older) => {
          const has = hasRoom(lanes, known, { older, tenantId })
          if (has) lanes.add(known, tenantId)
          return has
        })
        left.push(...refused)
        taken.push(...came.filter((job) => !refused.includes(job)))
      }
      return { left, taken }
    },
    timesAway(lane, jobs) {
      const known = lanes.last(lane)
      if (known === undefined || jobs.length === 0) return []
      const { away: before } = lanes.away.sum()
      const times = jobs.map((_, index) => timeAway(before + index + 1, random))
      for (const { group } of jobs) lanes.away.sent(group, 1)
      stuck.sentAway(lane, known, Math.max(...times))
      return times
    },
    wentAway: away.leave,
    why: (lane) => (lanes.last(lane)?.judged.halt === 'draining' ? 'laneDraining' : 'laneFull'),
    recall: makeRecall({ lanes, away, stuck: stuck.lanes }),
    waits: () => lanes.away.groups().length + stuck.lanes().length > 0,
    forget: ({ group, key }) => away.forget(group, key),
    excess: () => excess(lanes, parts),
    lanesOf: lanes.lanesOf,
    async still(names) {
      const known = await Promise.all(names.map(lanes.know))
      // A lane that an operator halted keeps its jobs where he sees them.
      const stuck = known.filter((lane) => lane.judged.halt === null && standsStill(lane, now()))
      return stuck.flatMap((lane) => [
        { lane: lane.name, jobs: depthOf(lane), of: 'lane' as const },
        { lane: lane.name, jobs: lane.delayed, of: 'delayed' as const },
      ])
    },
    timesRefused: (jobs) =>
      Array.from({ length: jobs }, (_, index) => timeAway(lanes.away.sum().away + index + 1, random)),
    leaseAway() {
      const isSlow = (known: KnownLane) => known.judged.verdict === 'return' && moves(known, now())
      return [...lanes.all()].some(([, known]) => isSlow(known)) ? null : leaseAway(lanes.away.sum().away)
    },
    groupOf: (lane, of, tenantId) => (of === 'delayed' ? { lane, of: DELAYED } : tenantGroup(lane, tenantId)),
  }
}

/** A job of which nothing is known. */
const NEW = { order: null, recalled: false, older: 0, sinceMs: null } as const

/** What is known of jobs that have come, where any of their group are away. */
async function arrivals(
  away: AwayStore,
  group: AwayGroup,
  look: AwayLook | undefined,
  jobs: readonly AskingJob[],
): Promise<ReadonlyMap<JobKey, Omit<PlacedJob, 'group'>>> {
  if (look === undefined || look.away + look.recalled === 0) return new Map()
  const keys = jobs.map(({ key }) => key)
  const arrived = await away.arrive(group, keys)
  const known = keys.map((key, index) => ({ ...NEW, ...arrived[index], key }))
  // Delayed jobs hold up no other job of their lane.
  if (group.of !== DELAYED) return new Map(known.map((job) => [job.key, job]))
  return new Map(known.flatMap((job) => (job.order === null ? [] : [[job.key, { ...job, older: 0 }]])))
}

async function fits(lanes: KnownLanes, arriving: number, now: () => number): Promise<number> {
  await lanes.lookAtAll()
  const free = lanes.free().all - arriving
  if (free <= 0) return 0
  // All coming jobs may belong to a lane that is not known yet.
  let room = Math.min(free, lanes.limit())
  for (const [lane, last] of lanes.all()) {
    const limit = lanes.limit(last)
    if (last.judged.verdict === 'room' && limit - depthOf(last) > Math.min(NEAR, limit / 2)) continue
    const known = await lanes.know(lane)
    if (standsStill(known, now())) continue
    const left = lanes.limit(known) - depthOf(known) - lanes.away.sum(lane).onTheirWay
    // Only half, because other adapters see the same room.
    room = Math.min(room, Math.ceil(left / 2))
    if (room <= 0) return 0
  }
  return room
}

/**
 * Below this part of its limit a lane takes jobs out of order, in case the ones called back do not come: Zeebe takes about 1.2 s to hand
 * them out, and a lane that is not stuck empties its share within ten.
 */
const ABOUT_DRY = 1.2 / 10

/** A job is taken if its lane has room for it and for all older jobs that are away. */
function hasRoom(
  lanes: KnownLanes,
  known: KnownLane,
  { older, tenantId }: { readonly older: number; readonly tenantId: string },
): boolean {
  const { halt, verdict } = known.judged
  if (halt === 'draining') return false
  const tenantRoom = lanes.tenantRoom(known, tenantId)
  if (tenantRoom <= 0) return false
  // Jobs that were on their way when a moving lane reached its share may use half of what was free then.
  const beyond = verdict === 'return' ? 0 : Math.max(0, Math.floor((lanes.free().all + known.added) / 2))
  const limit = lanes.limit(known) + beyond
  const depth = depthOf(known)
  // A lane that is about to run dry does not wait for jobs that were called back.
  return (depth + older < limit && older < tenantRoom) || depth < limit * ABOUT_DRY
}

/** Calls back as many jobs as all lanes together have room for, and each lane no more than it has. Starts at another lane each round. */
function makeRecall({
  lanes,
  away,
  stuck,
}: {
  readonly lanes: KnownLanes
  readonly away: AwayStore
  readonly stuck: () => readonly LaneName[]
}): LaneRoom['recall'] {
  let round = 0
  return async () => {
    const all = new Map(
      [...(await away.groups()), ...lanes.away.groups()].map((each) => [groupName(each), each]),
    )
    const first = all.size === 0 ? 0 : round++ % all.size
    const groups = [...[...all.values()].slice(first), ...[...all.values()].slice(0, first)]
    const looks = await Promise.all(
      groups.map(async (group) => [group, await lanes.away.know(group)] as const),
    )
    if (groups.length > 0) await lanes.lookAtAll()
    const recalledOfAll = looks.reduce((sum, [, { recalled }]) => sum + recalled, 0)
    const fair = await fairToRecall(lanes, looks, recalledOfAll)
    let free = lanes.free().all - recalledOfAll
    const called: CalledJob[] = []
    for (const [group, { away: gone, recalled }] of looks) {
      const lane = await lanes.know(group.lane)
      if (gone + recalled === 0) {
        await away.drop(group)
        continue
      }
      const roomThere = Math.min(roomFor(lanes, lane, group), fair - holdsOf(lane, group))
      const most = Math.max(0, Math.min(free, roomThere - recalled))
      const keys = await away.recall(group, most)
      free -= keys.length
      called.push(...keys.map((key) => ({ group, key })))
    }
    // Looks at stuck lanes even if none of their jobs is away, to notice that they move again.
    for (const lane of stuck()) await lanes.know(lane)
    return called
  }
}

/** How many jobs each lane may hold once all have called back what they may. */
async function fairToRecall(
  lanes: KnownLanes,
  looks: readonly (readonly [AwayGroup, AwayLook])[],
  recalledOfAll: number,
): Promise<number> {
  const sharers = looks.map(async ([group, { away, recalled }]) => {
    const holds = holdsOf(await lanes.know(group.lane), group) + recalled
    return { holds, least: holds, most: holds + away }
  })
  return lanes.fairDepth(await Promise.all(sharers), recalledOfAll)
}

/** Jobs of a lane that share its room with a group's. */
function holdsOf(lane: KnownLane, { of }: AwayGroup): number {
  return of === DELAYED ? lane.delayed : depthOf(lane)
}

/** How many jobs of a group its lane has room for. */
function roomFor(lanes: KnownLanes, lane: KnownLane, { of }: AwayGroup): number {
  if (lane.judged.halt === 'draining') return 0
  const room = lanes.limit(lane) - depthOf(lane)
  if (of === DELAYED) return Math.min(room, lanes.delayedLimit(lane) - lane.delayed)
  return of === '' ? room : Math.min(room, lanes.tenantRoom(lane, of))
}

/** While less than this part of the backlog, or of a tenant's share, is free, lanes that do not move give back their excess. */
const SHORT = 1 / 3

async function excess(
  lanes: KnownLanes,
  { heldBy, now, tenantShare }: Pick<LaneRoomParts, 'heldBy' | 'now' | 'tenantShare'>,
): Promise<readonly Excess[]> {
  await lanes.lookAtAll()
  if (lanes.leastFree() >= SHORT) return []
  const held = await Promise.all(
    [...Map.groupBy(await heldBy(), ({ lane }) => lane)].map(async ([lane, holdings]) => ({
      holdings,
      known: await lanes.know(lane),
    })),
  )
  const still = held.map(({ known }) => standsStill(known, now()))
  const fair = lanes.fairDepth(held.flatMap(({ known }, index) => sharersOf(lanes, known, still[index])))
  const depths = held.map(({ known }, index) => (still[index] ? depthOf(known) : 0))
  const excess = excessOf([...depths, ...held.map(({ known }) => known.delayed)], fair)
  return held.flatMap(({ known, holdings }, index) => {
    const lane = known.name
    const delayed =
      tenantShare === null ? excess[held.length + index] : aloneOf(known.delayed, lanes.delayedLimit(known))
    const ofTenants = still[index] && tenantShare !== null ? holdings : []
    return [
      { lane, jobs: delayed ?? 0, of: 'delayed' as const },
      { lane, jobs: excess[index] ?? 0, of: 'lane' as const },
      ...ofTenants.map(({ tenantId, jobs }) => ({
        lane,
        jobs: aloneOf(jobs, lanes.tenantLimit(known, tenantId)),
        of: { tenantId },
      })),
    ].filter(({ jobs }) => jobs > 0)
  })
}

/** Excess of one tenant, or of the delayed jobs of one lane: each has a limit of its own. */
const aloneOf = (depth: number, limit: number): number => excessOf([depth], limit)[0] ?? 0

/** What a lane holds, and what it takes once there is room. A lane that moves gives nothing back. */
function sharersOf(lanes: KnownLanes, known: KnownLane, still = false): readonly Sharer[] {
  const { away, recalled } = lanes.away.sum(known.name)
  const depth = depthOf(known)
  const own = still
    ? { holds: depth, least: 0, most: depth + away + recalled }
    : { holds: depth, least: depth, most: depth }
  return [own, { holds: known.delayed, least: 0, most: known.delayed }]
}
