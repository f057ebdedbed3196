// The adapter's part of a retry: takes requests to resolve the incident of a job, and resolves it in Camunda. Whoever makes a request has
// fewer rights in Camunda than the adapter. So a request is trusted only to name a job, and jobs that are not Quarry's are left alone.
import { GatewayError } from '../camunda/gateway-error.ts'
import { type FoundJob, type IncidentSearch, lacksSecondaryStorage } from '../camunda/incident-search.ts'
import type { ProcessPort } from '../camunda/process-port.ts'
import { RestError } from '../camunda/rest-error.ts'
import type { RetryAnswer, RetryInbox, TakenRetry } from '../ledger/retry-requests.ts'
import type { Events } from '../telemetry/events.ts'
import { pause } from '../time/bounded-wait.ts'
import { makeService, type Wakeable } from '../time/service.ts'

export interface IncidentResolverParts {
  readonly inbox: Omit<RetryInbox, 'subscribe'>
  /** Null where no address of the REST API is set. */
  readonly search: IncidentSearch | null
  /** Type and tenants of Quarry's jobs. */
  readonly own: { readonly type: string; readonly tenantIds: readonly string[] }
  readonly port: Pick<ProcessPort, 'updateJobRetries' | 'resolveIncident'>
  readonly events: Events
  readonly random: () => number
  /** A request whose taker has been silent for this long is taken over, ms. @default 6000 */
  readonly deadAfterMs?: number
}

const NAME = 'resolving incidents'
const DEAD_AFTER_MS = 6_000
/** Requests are told of (`RetryInbox.subscribe`): this finds those of dead adapters, and those that were not heard. */
const LOOK_EVERY_MS = 3_000
const KEEP_EVERY_MS = 1_500
const AFTER_A_FAULT_MS = 2_000
const STOP_WITHIN_MS = 1_000
/** Requests under way at once, so that one without an answer does not hold up others. */
const MOST_AT_ONCE = 8

/** A request under way when it stops is taken over by another adapter. */
export function makeIncidentResolver(parts: IncidentResolverParts): Wakeable {
  const { inbox, events, random, deadAfterMs = DEAD_AFTER_MS } = parts
  let prepared = false
  const underWay = new Set<Promise<void>>()
  const begin = (taken: TakenRetry, stopping: AbortSignal): void => {
    const done = finish(parts, taken, stopping)
      .catch((error: unknown) => {
        if (!stopping.aborted) events.emit('fault', { where: NAME, error })
      })
      .finally(() => {
        // There was no place for more until now.
        if (underWay.size >= MOST_AT_ONCE) service.wake()
        underWay.delete(done)
      })
    underWay.add(done)
  }
  const service = makeService({
    name: NAME,
    async round(stopping) {
      if (!prepared) await inbox.prepare()
      prepared = true
      while (underWay.size < MOST_AT_ONCE && !stopping.aborted) {
        const taken = await inbox.take(deadAfterMs)
        if (taken === null) break
        begin(taken, stopping)
      }
      return (0.5 + random()) * LOOK_EVERY_MS
    },
    onFault(fault) {
      // After a flush of Redis the consumer group is gone.
      prepared = false
      events.emit('fault', fault)
    },
    afterFaultMs: () => AFTER_A_FAULT_MS,
    leave: () => Promise.all(underWay),
    stopWithinMs: STOP_WITHIN_MS,
  })
  return service
}

/** Carries out a request, unless this process stops meanwhile. */
async function finish(parts: IncidentResolverParts, taken: TakenRetry, stopping: AbortSignal): Promise<void> {
  const answer = await carryOut(parts, taken, stopping)
  if (answer === null) return
  await parts.inbox.end(taken, answer)
  parts.events.emit('incidentRetried', { jobKey: taken.key, by: taken.by, result: answer.kind })
}

/** @returns null if this process stops meanwhile. */
async function carryOut(
  parts: IncidentResolverParts,
  taken: TakenRetry,
  stopping: AbortSignal,
): Promise<RetryAnswer | null> {
  const kept = makeService({
    name: 'keeping a request to resolve an incident',
    async round() {
      await parts.inbox.keep(taken)
      return KEEP_EVERY_MS
    },
    // If this fails for long, another adapter takes the request over, for the incident that was recorded.
    onFault: () => undefined,
    firstAfterMs: KEEP_EVERY_MS,
    afterFaultMs: () => KEEP_EVERY_MS,
  })
  kept.start()
  try {
    return await resolve(parts, taken, stopping)
  } catch (error) {
    // Its calls end with this process, and another adapter takes the request over.
    if (stopping.aborted) return null
    if (error instanceof GatewayError || error instanceof RestError) return refused(error.message)
    throw error
  } finally {
    await kept.stop()
  }
}

const NO_ADDRESS =
  'No address of Camunda’s REST API is set (ZEEBE_REST_ADDRESS), so its incident cannot be found. Set it for the adapters, or resolve the incident in Operate.'
const NO_STORAGE =
  'Camunda runs without secondary storage, so its incident cannot be found. Resolve it by its key with a client of Camunda, or turn secondary storage on.'
const GONE = 'Camunda does not know the job any more: it is done, or its instance was cancelled.'
const NO_INCIDENT =
  'Camunda has no open incident of this job: it was resolved already, or is too new to be found. Try again in some seconds.'

const NO_JOB_SEARCH =
  'This Camunda has no search for jobs (8.8 and later have), so it is not known whose job it is. Resolve its incident in Operate.'
const OTHER_INCIDENT = 'The incident recorded for it belongs to another job: nothing was resolved. Try again.'

/** More retries than any task has: a number from Redis is not trusted. */
const MOST_RETRIES = 100

async function resolve(
  { inbox, search, port, own }: IncidentResolverParts,
  taken: TakenRetry,
  stopping: AbortSignal,
): Promise<RetryAnswer | null> {
  if (search === null) return refused(NO_ADDRESS)
  const found = await findIncident(search, taken, stopping)
  if (stopping.aborted) return null
  switch (found.kind) {
    case 'noStorage':
      return refused(NO_STORAGE)
    case 'noJobSearch':
      return refused(NO_JOB_SEARCH)
    case 'other':
      return refused(OTHER_INCIDENT)
    case 'none':
      return { kind: 'nothing', message: NO_INCIDENT }
  }
  const { incidentKey, job } = found
  const foreign = foreignText(own, job)
  if (foreign !== null) return refused(foreign)
  await inbox.found(taken, incidentKey)
  const { key: jobKey } = taken
  const retries = Math.max(1, Math.min(MOST_RETRIES, Math.trunc(taken.retries) || 1))
  const isThere = await unlessGone(port.updateJobRetries({ jobKey, retries }))
  // After its first taker died, the job may have been handed out again, and have ended.
  if (!isThere && taken.incidentKey === null) return { kind: 'nothing', message: GONE }
  await unlessGone(port.resolveIncident(incidentKey))
  const message = `Its incident ${incidentKey} is resolved, the job has ${retries} ${retries === 1 ? 'retry' : 'retries'}: Zeebe hands it out again.`
  return { kind: 'resolved', message }
}

const refused = (message: string): RetryAnswer => ({ kind: 'refused', message })

/** Why a job is not Quarry's; null if it is. Does not reveal whose job it is. */
function foreignText({ type, tenantIds }: IncidentResolverParts['own'], job: FoundJob): string | null {
  if (job.type !== type)
    return `It is no job of Quarry: Quarry works on jobs of the type ${type} (CONNECTOR_AWS_BEDROCK_TYPE), and resolves incidents of no other. Resolve it in Operate.`
  if (!tenantIds.includes(job.tenantId))
    return 'It is of a tenant that Quarry does not work for (CAMUNDA_TENANT_ID): its incident is not resolved here. Resolve it in Operate.'
  return null
}

/** The search lags behind the engine, so it is repeated for a while. */
const LAG_MS = 5_000
const ASK_AGAIN_MS = 500

type FoundIncident =
  | { readonly kind: 'found'; readonly incidentKey: string; readonly job: FoundJob }
  /** `other`: the incident recorded by a taker that died does not belong to this job. */
  | { readonly kind: 'none' | 'other' | 'noStorage' | 'noJobSearch' }

async function findIncident(
  search: IncidentSearch,
  taken: TakenRetry,
  stopping: AbortSignal,
): Promise<FoundIncident> {
  const until = performance.now() + (taken.lately ? LAG_MS : 0)
  while (!stopping.aborted) {
    const found = await lookFor(search, taken)
    if (found.kind !== 'none' || performance.now() > until) return found
    await pause(ASK_AGAIN_MS, stopping)
  }
  return { kind: 'none' }
}

async function lookFor(search: IncidentSearch, { key, incidentKey }: TakenRetry): Promise<FoundIncident> {
  try {
    const incident = incidentKey ?? (await search.activeOf(key))[0]
    if (incident === undefined) return { kind: 'none' }
    if (incidentKey !== null && !(await search.isOf(key, incidentKey))) return { kind: 'other' }
    const job = await search.job(key).catch(unlessMissing)
    if (job === 'missing') return { kind: 'noJobSearch' }
    return job === null ? { kind: 'none' } : { kind: 'found', incidentKey: incident, job }
  } catch (error) {
    if (lacksSecondaryStorage(error)) return { kind: 'noStorage' }
    throw error
  }
}

function unlessMissing(error: unknown): 'missing' {
  if (error instanceof RestError && (error.status === 404 || error.status === 405)) return 'missing'
  throw error
}

/** @returns false when Zeebe no longer has what the command is about. */
async function unlessGone(command: Promise<void>): Promise<boolean> {
  return command.then(
    () => true,
    (error: unknown) => {
      if (error instanceof GatewayError && error.disposition === 'gone') return false
      throw error
    },
  )
}
