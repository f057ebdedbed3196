// Prometheus metrics from events. Labels are bounded: lanes, regions, models, fixed words; never a job key or a process.
// Metrics of what all processes share (depths, backlog) are in control: the ops role serves them once.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import { showBudgets } from './budget-metrics.ts'
import type { Events } from './events.ts'
import { isLostConnection, isRefusedByRedis } from './redis-trouble.ts'

const WAIT_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600]
const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

/** Gauges of prom-client whose names end as those of counters; each also exists without that ending. */
const MISNAMED = ['resources', 'handles', 'requests'].map((what) => `nodejs_active_${what}_total`)

/** A registry with the metrics of the process and of its events. */
export function makeMetrics(events: Pick<Events, 'on'>, version: string): Registry {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  const buildInfo = new Gauge({
    name: 'quarry_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version'],
    registers,
  })
  buildInfo.set({ version }, 1)
  countJobs(events, registers)
  countHeld(events, registers)
  countActivation(events, registers)
  showLanes(events, registers)
  countCalls(events, registers)
  countReports(events, registers)
  countPayloads(events, registers)
  showRedis(events, registers)
  showBudgets(events, registers)
  countStandstills(events, registers)
  return registry
}

function countJobs(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    new Counter({ name, help, labelNames, registers })
  const activated = counter('quarry_jobs_activated_total', 'Jobs that Zeebe handed out.', ['by'])
  const accepted = counter(
    'quarry_jobs_accepted_total',
    'Activations by result: new, adopt (the job waits or runs already), answered or duplicate.',
    ['lane', 'acceptance'],
  )
  const completed = counter(
    'quarry_jobs_completed_total',
    'Jobs whose outcome is a completion or a BPMN error.',
    ['lane'],
  )
  const failed = counter('quarry_jobs_failed_total', 'Jobs whose outcome is a failure.', ['lane'])
  const expired = counter(
    'quarry_jobs_expired_total',
    'Jobs that failed because they waited longer than QUARRY_MAX_WAIT or their own quarry.maxWait.',
    ['lane'],
  )
  const deferrals = counter(
    'quarry_deferrals_total',
    'Times a job went back into its lane, by reason: throttle, transient, outage, handBack, workerDied, pace, budget, reading, repair or schema.',
    ['lane', 'reason'],
  )
  const faults = counter('quarry_faults_total', 'Errors in Quarry itself; the log has each.', [])
  const wait = new Histogram({
    name: 'quarry_queue_wait_seconds',
    help: 'Time from acceptance into a lane to the turn of the first call.',
    labelNames: ['lane'],
    buckets: WAIT_SECONDS,
    registers,
  })
  events.on('activated', ({ count, by }) => activated.inc({ by }, count))
  events.on('accepted', ({ lane, acceptance }) => accepted.inc({ lane, acceptance }))
  events.on('answered', ({ lane, outcome }) => (outcome === 'failed' ? failed : completed).inc({ lane }))
  events.on('expired', ({ lane }) => expired.inc({ lane }))
  events.on('deferred', ({ lane, reason }) => deferrals.inc({ lane, reason }))
  events.on('started', ({ lane, waitedMs }) => wait.observe({ lane }, waitedMs / 1_000))
  events.on('fault', ({ error }) => {
    if (!isLostConnection(error) && !isRefusedByRedis(error)) faults.inc()
  })
  events.on('jobFault', ({ error }) => {
    if (!isRefusedByRedis(error)) faults.inc()
  })
}

function countHeld(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    new Counter({ name, help, labelNames, registers })
  const withdrawn = counter(
    'quarry_jobs_withdrawn_total',
    'Jobs that Zeebe no longer had, by state: queued (not sent any more) or running (the call was ended).',
    ['lane', 'was'],
  )
  const returned = counter(
    'quarry_jobs_returned_total',
    'Jobs that went back to Zeebe, by reason: laneFull, laneDraining, tooManyLanes, adapterFull or notQueued (activated but not queued), or laneExcess (given back by a stuck lane that holds more than its share).',
    ['reason'],
  )
  const orphaned = counter(
    'quarry_jobs_orphaned_total',
    'Jobs started again because their worker died or was cut off from Redis: a call that it had sent is paid again.',
    ['lane'],
  )
  const moved = counter(
    'quarry_jobs_moved_total',
    'Jobs that moved to another lane before anything was sent, because their region, model or account was known only when they were read.',
    [],
  )
  const quarantined = counter(
    'quarry_jobs_quarantined_total',
    'Jobs that failed because their workers died QUARRY_MAX_STARTS times.',
    ['lane'],
  )
  const leases = counter(
    'quarry_leases_total',
    'Extensions of leases by result: extended, delayed (Zeebe is down or busy) or lost.',
    ['result'],
  )
  events.on('withdrawn', ({ lane, was }) => withdrawn.inc({ lane, was }))
  events.on('returned', ({ reason }) => returned.inc({ reason }))
  events.on('orphaned', ({ lane }) => orphaned.inc({ lane }))
  events.on('moved', () => moved.inc())
  events.on('quarantined', ({ lane }) => quarantined.inc({ lane }))
  events.on('leaseExtended', () => leases.inc({ result: 'extended' }))
  events.on('leaseDelayed', () => leases.inc({ result: 'delayed' }))
  events.on('leaseLost', () => leases.inc({ result: 'lost' }))
}

function countActivation(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const failures = new Counter({
    name: 'quarry_activation_failures_total',
    help: 'Failed polls and job streams, by the status of the gateway; they are retried.',
    labelNames: ['status'],
    registers,
  })
  const duplicates = new Counter({
    name: 'quarry_duplicates_avoided_total',
    help: 'Times that a job came again and was not executed again, by reason: adopt (it waits or runs), answered (its outcome is being reported), duplicate (it was done), running (another worker runs it), ended (it ended while it was in its lane) or lost (another worker took it over, or Redis lost it, while it waited for its turn).',
    labelNames: ['why'],
    registers,
  })
  events.on('activationFailed', ({ status }) => failures.inc({ status }))
  events.on('accepted', ({ acceptance: why }) => {
    if (why !== 'new') duplicates.inc({ why })
  })
  events.on('startSkipped', ({ why }) => duplicates.inc({ why }))
}

function showLanes(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const open = new Gauge({
    name: 'quarry_lane_open',
    help: '1 for each lane that this worker serves now.',
    labelNames: ['lane', 'region', 'model'],
    registers,
  })
  const labels = (lane: LaneName) => {
    const { region, model } = parseLaneName(lane)
    return { lane, region, model }
  }
  events.on('laneOpened', ({ lane }) => open.set(labels(lane), 1))
  events.on('laneClosed', ({ lane }) => open.remove(labels(lane)))
}

const TOKENS_PER_SECOND = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]

function countCalls(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const calls = new Histogram({
    name: 'quarry_bedrock_call_seconds',
    help: 'Duration of Bedrock calls by result: ok, throttle, outage (AWS did not execute the call), transient or final.',
    labelNames: ['region', 'model', 'action', 'outcome'],
    buckets: CALL_SECONDS,
    registers,
  })
  const throttles = new Counter({
    name: 'quarry_throttles_total',
    help: 'Bedrock calls that AWS throttled.',
    labelNames: ['lane', 'region', 'model'],
    registers,
  })
  const outages = new Counter({
    name: 'quarry_outages_total',
    help: 'Outages of lanes that began: no connection, no credentials, or a service that takes no calls.',
    labelNames: ['lane', 'region', 'model'],
    registers,
  })
  const tokens = new Counter({
    name: 'quarry_tokens_total',
    help: 'Tokens as Bedrock counted them, by direction: input, output, cache_read or cache_write; input does not include those of prompt caches.',
    labelNames: ['region', 'model', 'direction'],
    registers,
  })
  const firstTokens = new Histogram({
    name: 'quarry_time_to_first_token_seconds',
    help: 'Time from sending a streamed call to the first bytes of its answer.',
    labelNames: ['region', 'model'],
    buckets: CALL_SECONDS,
    registers,
  })
  const speeds = new Histogram({
    name: 'quarry_output_tokens_per_second',
    help: 'Output tokens a second of streamed answers, from the first bytes to the last.',
    labelNames: ['region', 'model'],
    buckets: TOKENS_PER_SECOND,
    registers,
  })
  events.on('called', ({ lane, outputTokens, stream }) => {
    if (stream === undefined) return
    const { region, model } = parseLaneName(lane)
    firstTokens.observe({ region, model }, stream.firstMs / 1_000)
    if (stream.restMs > 0 && outputTokens > 0)
      speeds.observe({ region, model }, (outputTokens * 1_000) / stream.restMs)
  })
  events.on('outageBegan', ({ lane }) => {
    const { region, model } = parseLaneName(lane)
    outages.inc({ lane, region, model })
  })
  events.on('called', ({ lane, action, end, durationMs, ...counted }) => {
    const { region, model } = parseLaneName(lane)
    calls.observe({ region, model, action, outcome: end }, durationMs / 1_000)
    if (end === 'throttle') throttles.inc({ lane, region, model })
    const directions = {
      input: counted.inputTokens,
      output: counted.outputTokens,
      cache_read: counted.cacheReadTokens ?? 0,
      cache_write: counted.cacheWriteTokens ?? 0,
    }
    for (const [direction, count] of Object.entries(directions)) {
      if (count > 0) tokens.inc({ region, model, direction }, count)
    }
  })
}

function countReports(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const reports = new Counter({
    name: 'quarry_reports_total',
    help: 'Reports of outcomes by the answer of Zeebe: accepted, gone (the job no longer exists) or notActive (the job is not active).',
    labelNames: ['outcome', 'result'],
    registers,
  })
  const delayed = new Counter({
    name: 'quarry_report_retries_total',
    help: 'Reports that failed and were retried.',
    labelNames: ['status'],
    registers,
  })
  const away = new Gauge({
    name: 'quarry_partition_away',
    help: '1 while a partition of Zeebe refuses the commands of this process, by kind: reports or leases.',
    labelNames: ['partition', 'of'],
    registers,
  })
  const up = new Gauge({
    name: 'quarry_dependency_up',
    help: '1 while the dependency works: redis (answers and takes writes), zeebe (answers), payloads (no payload needs a missing key).',
    labelNames: ['name'],
    registers,
  })
  events.on('reported', ({ outcome, result }) => reports.inc({ outcome, result }))
  events.on('reportDelayed', ({ status }) => delayed.inc({ status }))
  events.on('partitionAway', ({ partition, of }) => away.set({ partition, of }, 1))
  events.on('partitionBack', ({ partition, of }) => away.set({ partition, of }, 0))
  events.on('dependency', (data) => up.set({ name: data.name }, data.up ? 1 : 0))
}

function countStandstills(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const held = new Counter({
    name: 'quarry_loop_blocked_seconds_total',
    help: 'Time that the event loop was blocked, counting blocks of more than a second, by the work on a job that blocked it: decode, route, store, secrets, bind, measure, send or outcome; or other.',
    labelNames: ['stage'],
    registers,
  })
  events.on('loopHeld', ({ heldMs, stage = 'other' }) => held.inc({ stage }, heldMs / 1000))
}

function showRedis(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const info = new Gauge({
    name: 'quarry_redis_info',
    help: 'Properties of Redis as labels; the value is the number of servers that take writes.',
    labelNames: ['kind', 'version', 'eviction_policy', 'persistence'],
    registers,
  })
  events.on('redisInspected', ({ kind, version, evictionPolicy, persistence, masters }) => {
    info.reset()
    info.set({ kind, version, eviction_policy: evictionPolicy, persistence }, masters)
  })
}

/** Shows whether this process encrypts payloads. */
export function showPayloads(registry: Registry, { encrypts }: { readonly encrypts: boolean }): void {
  const encrypted = new Gauge({
    name: 'quarry_payloads_encrypted',
    help: '1 when this process encrypts payloads in Redis, 0 when it stores them readable.',
    registers: [registry],
  })
  encrypted.set(encrypts ? 1 : 0)
}

function countPayloads(events: Pick<Events, 'on'>, registers: Registry[]): void {
  const refused = new Counter({
    name: 'quarry_payloads_refused_total',
    help: 'Times that a payload in Redis was refused, by reason: plaintext (although there is a payload key), oldFormat, damaged (changed or moved), unproven (a result with secrets and without proof) or unknownVersion. Its job is set aside and read again every minute.',
    labelNames: ['why'],
    registers,
  })
  const old = new Counter({
    name: 'quarry_payloads_old_total',
    help: 'Payloads read in an outdated form, by form: plaintext (although there is a payload key) or oldFormat.',
    labelNames: ['form'],
    registers,
  })
  events.on('payloadRefused', ({ why }) => refused.inc({ why }))
  events.on('payloadOld', ({ form }) => old.inc({ form }))
}
