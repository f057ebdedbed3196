// Jobs for operators, from Redis alone: decodes no payload and does not ask Zeebe.
import { BUDGET_WAIT } from '../job/call-failure.ts'
import type { JobKey, LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import { longQuota } from '../job/long-quota.ts'
import type { LaneLooks } from '../lanes/look-lanes.ts'
import { readFlow } from '../lanes/order/flow.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { GrantedQuota } from '../rules/granted-quota.ts'
import type { AuditLog } from './audit-log.ts'
import type { JobRecordRead, JobRecords, PlaceInLane, StoredFailure } from './job-records.ts'
import { type JobCircumstances, type JobPlace, type JobView, whyItWaits } from './job-view.ts'
import { laneOverview, type PaceView } from './lane-overview.ts'
import { rateOf } from './lane-rate.ts'

export interface JobReader {
  /** Null when Quarry has no record: Zeebe has the job, or it ended a while ago. */
  read(key: JobKey): Promise<JobView | null>
  /** Up to `limit` jobs of a lane: running, then waiting in turn, then delayed. */
  ofLane(lane: LaneName, limit: number): Promise<readonly JobView[]>
  /** Up to `limit` jobs of a process instance that Quarry knows, also ended ones, in the order of their keys. */
  ofInstance(instance: string, limit: number): Promise<readonly JobView[]>
  /**
   * The message that Zeebe got, or gets, with the failure or BPMN error of a job. It may quote a prompt. Null for another outcome, after
   * `QUARRY_JOB_HISTORY`, or without the payload key.
   */
  message(key: JobKey): Promise<string | null>
}

interface JobReaderParts {
  readonly records: JobRecords
  readonly queues: LaneQueues
  readonly looks: Pick<LaneLooks, 'look'>
  readonly quotaOf: (lane: Lane) => GrantedQuota
  readonly audit: Pick<AuditLog, 'last'>
  /** Decodes a stored outcome; null if this process cannot. @default it cannot */
  readonly openOutcome?: (stored: StoredFailure) => string | null
}

export function makeJobReader(parts: JobReaderParts): JobReader {
  const { records } = parts
  const views = async (keys: readonly JobKey[]): Promise<readonly JobView[]> => {
    const known = (await records.read(keys)).filter((record) => record !== null)
    const names = [...new Set(known.map(({ lane }) => lane))]
    const [places, nowMs, ...lanes] = await Promise.all([
      records.places(known),
      records.now(),
      ...names.map((name) => readLane(parts, name)),
    ])
    const byName = new Map(names.map((name, index) => [name, lanes[index]]))
    const made = known.map(async (record, index) => {
      const [place, lane] = [places[index], byName.get(record.lane)]
      if (place === undefined || lane === undefined) return []
      const reporting = record.state === 'answered' && (await records.reporting(record.key))
      return [viewOf(record, place, { ...lane, reporting, nowMs })]
    })
    return (await Promise.all(made)).flat()
  }
  return {
    async read(key) {
      const [view] = await views([key])
      return view ?? null
    },
    ofLane: async (lane, limit) => views(await records.inLane(lane, limit)),
    ofInstance: async (instance, limit) => views(await records.ofInstance(instance, limit)),
    async message(key) {
      const stored = await records.failure(key)
      const text = stored === null ? null : (parts.openOutcome?.(stored) ?? null)
      return text === null ? null : messageOf(text)
    },
  }
}

interface LaneRead {
  readonly lane: JobCircumstances['lane']
  /** What the lane sends while jobs wait in it; null when unknown. */
  readonly jobsPerMinute: number | null
}

/** How many audit entries are searched for who paused or drained a lane. */
const CHANGES = 200

async function readLane(
  { queues, looks, quotaOf, audit }: JobReaderParts,
  name: LaneName,
): Promise<LaneRead> {
  const [[look], served] = await Promise.all([looks.look([name]), queues.isServed(name)])
  if (look === undefined) throw new Error(`Redis returned no state of lane ${name}`)
  const overview = laneOverview(look, quotaOf(parseLaneName(name)))
  const { pace, outage, quota, overrides } = overview
  const state = overview.state === 'paused' ? 'paused' : overrides.draining ? 'draining' : 'running'
  const action = state === 'paused' ? 'pause' : 'drain'
  const changes = state === 'running' ? [] : await audit.last(CHANGES)
  const by = changes.find((change) => change.action === action && change.lanes.includes(name))?.by ?? null
  return {
    lane: { state, by, served, outage, ...cooldownOf(pace) },
    jobsPerMinute: rateOf(look, quota),
  }
}

function cooldownOf({ cooldownMs, cooldownWhy }: PaceView) {
  return { cooldownMs, cooldownWhy }
}

/** Builds the view from what was read. Pure. */
function viewOf(
  record: JobRecordRead,
  inLane: PlaceInLane,
  {
    lane,
    jobsPerMinute,
    reporting,
    nowMs,
  }: LaneRead & { readonly reporting: boolean; readonly nowMs: number },
): JobView {
  const { key, epoch, state, sends, throttles, outages, deaths } = record
  const held = state === 'queued' || state === 'running'
  const flow = inLane.flow === null ? null : readFlow(inLane.flow)
  const ahead = held ? inLane.ahead : null
  const leaseLeftMs = record.deadlineMs - nowMs
  const view: Omit<JobView, 'why'> = {
    key,
    epoch,
    lane: record.lane,
    ...parseLaneName(record.lane),
    tenantId: record.tenantId ?? flow?.tenantId ?? null,
    processId: record.processId ?? flow?.bpmnProcessId ?? null,
    elementId: record.elementId,
    processInstanceKey: record.processInstanceKey,
    state,
    place: held ? inLane.place : PLACES[state],
    waitedMs: held || state === 'answered' ? nowMs - record.sinceMs : null,
    leaseLeftMs: held && leaseLeftMs > 0 ? leaseLeftMs : null,
    sends,
    throttles,
    outages,
    deaths,
    ahead,
    turnInMs: held ? turnInMs({ ahead, dueMs: inLane.dueMs, nowMs, jobsPerMinute, lane }) : null,
    outcome: state === 'released' ? 'failed' : record.kind,
    error: record.error,
    endedAgoMs: record.endedMs === null ? null : Math.max(0, nowMs - record.endedMs),
    lastFailure: describeFailure(record.failure),
  }
  const why = whyItWaits(view, {
    lane,
    forBudget: inLane.forBudget,
    reporting,
    startedMs: record.startedMs === null ? null : nowMs - record.startedMs,
    retriesLeft: retriesLeft(record),
  })
  return { ...view, why }
}

const PLACES = { answered: 'outbox', released: 'zeebe', kept: 'zeebe', done: 'zeebe' } satisfies Record<
  Exclude<JobRecordRead['state'], 'queued' | 'running'>,
  JobPlace
>

function turnInMs(turn: {
  readonly ahead: number | null
  readonly dueMs: number | null
  readonly nowMs: number
  readonly jobsPerMinute: number | null
  readonly lane: JobCircumstances['lane']
}): number | null {
  const { ahead, dueMs, nowMs, jobsPerMinute, lane } = turn
  if (lane.state === 'paused' || !lane.served || lane.outage !== null) return null
  if (dueMs !== null) return Math.max(0, dueMs - nowMs)
  if (ahead === null || jobsPerMinute === null) return null
  return Math.round(lane.cooldownMs + (ahead / jobsPerMinute) * 60_000)
}

/**
 * Retries that are left after a failure; null if the job did not fail. A result that Zeebe refused was reported as a failure
 * without retries, though the record still has the kind of the result.
 */
export function retriesLeft({ kind, failedTo, retries, state }: JobRecordRead): number | null {
  if (kind === 'failed') return failedTo ?? retries
  return state === 'released' && kind !== null ? 0 : failedTo
}

/** The message in a stored outcome; marks of secrets are not resolved. */
function messageOf(text: string): string | null {
  try {
    const { errorMessage } = JSON.parse(text) as Record<string, unknown>
    return typeof errorMessage === 'string' ? errorMessage.replaceAll(/\uE000\w*\uE001/g, '***') : null
  } catch {
    // Without a payload key anybody who can write to Redis may have written it.
    return null
  }
}

/** Error names are AWS's, the SDK's or Node's. */
const NAME = /^[\w.#:/-]{1,100}$/

/**
 * Name and status of the last failure. Its message is left out, since it may quote a prompt; a budget's message is our own.
 */
function describeFailure(text: string): string | null {
  if (text === '') return null
  const { name, status, message } = JSON.parse(text) as Record<string, unknown>
  if (name === BUDGET_WAIT) return String(message)
  const shown = typeof name === 'string' && NAME.test(name) ? name : 'an error'
  const used = longQuota({ name: shown, message: String(message) })
  const since = used === null ? '' : `, as ${used}`
  return typeof status === 'number' ? `${shown} (${status})${since}` : shown
}
