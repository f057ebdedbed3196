// The adapter's part of a retry: takes wishes to resolve the incident of a job, and tells Camunda.
import { GatewayError } from '../camunda/gateway-error.ts'
import { type IncidentSearch, lacksSecondaryStorage } from '../camunda/incident-search.ts'
import type { ProcessPort } from '../camunda/process-port.ts'
import { RestError } from '../camunda/rest-error.ts'
import type { RetryAnswer, RetryInbox, TakenRetry } from '../redis/retry-wishes.ts'
import type { Events } from '../telemetry/events.ts'
import { pause, within } from '../time/bounded-wait.ts'

export interface IncidentResolverParts {
  readonly inbox: RetryInbox
  /** Null where no address of the REST API is set. */
  readonly search: IncidentSearch | null
  readonly port: Pick<ProcessPort, 'updateJobRetries' | 'resolveIncident'>
  readonly events: Events
  readonly random: () => number
  /** A wish whose taker says nothing for so long is taken over, ms. @default 6000 */
  readonly deadAfterMs?: number
}

export interface IncidentResolver {
  start(): void
  /** Takes no more; what is under way is left to another adapter after a while. Idempotent. */
  stop(): Promise<void>
}

const DEAD_AFTER_MS = 6_000
const LOOK_EVERY_MS = 500
const KEEP_EVERY_MS = 1_500
const AFTER_A_FAULT_MS = 2_000
const STOP_WITHIN_MS = 1_000
/** Wishes under way at once: one whose partition gives no answer holds up no other. */
const MOST_AT_ONCE = 8

export function makeIncidentResolver(parts: IncidentResolverParts): IncidentResolver {
  const { inbox, events, random, deadAfterMs = DEAD_AFTER_MS } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  let prepared = false
  const underWay = new Set<Promise<void>>()
  const fault = (error: unknown): void => {
    if (!signal.aborted) events.emit('fault', { where: 'resolving incidents', error })
  }
  const begin = (taken: TakenRetry): void => {
    const done = finish(parts, taken, signal)
      .catch(fault)
      .finally(() => underWay.delete(done))
    underWay.add(done)
  }
  const round = async (): Promise<void> => {
    if (!prepared) await inbox.prepare()
    prepared = true
    while (underWay.size < MOST_AT_ONCE && !signal.aborted) {
      const taken = await inbox.take(deadAfterMs)
      if (taken === null) return
      begin(taken)
    }
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await round()
        await pause((0.5 + random()) * LOOK_EVERY_MS, signal)
      } catch (error) {
        // After a flush of Redis the consumer group is gone.
        prepared = false
        fault(error)
        await pause(AFTER_A_FAULT_MS, signal)
      }
    }
  }
  let loop: Promise<void> | undefined
  return {
    start() {
      loop ??= run()
    },
    async stop() {
      stopping.abort()
      await within(STOP_WITHIN_MS, Promise.all([loop, ...underWay]))
    },
  }
}

/** Carries a wish out, unless this process stops meanwhile. */
async function finish(parts: IncidentResolverParts, taken: TakenRetry, stopping: AbortSignal): Promise<void> {
  const answer = await carryOut(parts, taken, stopping)
  if (answer === null) return
  await parts.inbox.end(taken, answer)
  parts.events.emit('incidentRetried', { jobKey: taken.key, by: taken.by, result: answer.kind })
}

/** @returns null when this process stops meanwhile. */
async function carryOut(
  parts: IncidentResolverParts,
  taken: TakenRetry,
  stopping: AbortSignal,
): Promise<RetryAnswer | null> {
  const ended = new AbortController()
  const keep = async (): Promise<void> => {
    for (
      await pause(KEEP_EVERY_MS, ended.signal);
      !ended.signal.aborted;
      await pause(KEEP_EVERY_MS, ended.signal)
    ) {
      await parts.inbox.keep(taken).catch(() => undefined)
    }
  }
  const kept = keep()
  try {
    return await resolve(parts, taken, stopping)
  } catch (error) {
    // Its calls end with this process: another adapter takes it over.
    if (stopping.aborted) return null
    if (error instanceof GatewayError || error instanceof RestError)
      return { kind: 'refused', message: error.message }
    throw error
  } finally {
    ended.abort()
    await kept
  }
}

const NO_ADDRESS =
  'No address of Camunda’s REST API is set (CAMUNDA_REST_ADDRESS), so its incident cannot be found. Set it for the adapters, or resolve the incident in Operate.'
const NO_STORAGE =
  'Camunda runs without secondary storage, so its incident cannot be found. Resolve it by its key with a client of Camunda, or turn secondary storage on.'
const GONE = 'Camunda does not know the job any more: it is done, or its instance was cancelled.'
const NO_INCIDENT =
  'Camunda has no open incident of this job: it was resolved already, or is too new to be found. Try again in some seconds.'

async function resolve(
  { inbox, search, port }: IncidentResolverParts,
  taken: TakenRetry,
  stopping: AbortSignal,
): Promise<RetryAnswer | null> {
  if (search === null && taken.incidentKey === null) return { kind: 'refused', message: NO_ADDRESS }
  const found = taken.incidentKey ?? (search === null ? null : await findIncident(search, taken, stopping))
  if (found === 'noStorage') return { kind: 'refused', message: NO_STORAGE }
  if (stopping.aborted) return null
  if (found === null) return { kind: 'nothing', message: NO_INCIDENT }
  await inbox.found(taken, found)
  const { key: jobKey, retries } = taken
  const isThere = await unlessGone(port.updateJobRetries({ jobKey, retries }))
  // After a taker that died, the job may have been handed out again, and have ended.
  if (!isThere && taken.incidentKey === null) return { kind: 'nothing', message: GONE }
  await unlessGone(port.resolveIncident(found))
  const message = `Its incident ${found} is resolved, the job has ${retries} ${retries === 1 ? 'retry' : 'retries'}: Zeebe hands it out again.`
  return { kind: 'resolved', message }
}

/** The search lags behind the engine: it is asked again for a while. */
const LAG_MS = 5_000
const ASK_AGAIN_MS = 500

async function findIncident(
  search: IncidentSearch,
  { key, lately }: TakenRetry,
  stopping: AbortSignal,
): Promise<string | 'noStorage' | null> {
  const until = performance.now() + (lately ? LAG_MS : 0)
  while (!stopping.aborted) {
    try {
      const [incidentKey] = await search.activeOf(key)
      if (incidentKey !== undefined) return incidentKey
    } catch (error) {
      if (lacksSecondaryStorage(error)) return 'noStorage'
      throw error
    }
    if (performance.now() > until) return null
    await pause(ASK_AGAIN_MS, stopping)
  }
  return null
}

/** @returns false when Zeebe does not know any more what the command is about. */
async function unlessGone(command: Promise<void>): Promise<boolean> {
  return command.then(
    () => true,
    (error: unknown) => {
      if (error instanceof GatewayError && error.disposition === 'gone') return false
      throw error
    },
  )
}
