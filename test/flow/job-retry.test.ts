// Where jobs are and why they wait, and another try of them, on the real Redis and engine.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  type IncidentSearches,
  type Refusal,
  startIncidentSearches,
} from '../../embedded/zeebe/incident-searches.ts'
import { makeEngineRecords } from '../../embedded/zeebe/records.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { makeIncidentSearch } from '../../src/camunda/incident-search.ts'
import type { ProcessPort } from '../../src/camunda/process-port.ts'
import { makeRestClient, type RestClient } from '../../src/camunda/rest-client.ts'
import { makeAuditLog } from '../../src/control/audit-log.ts'
import { type JobControlParts, makeJobControl } from '../../src/control/job-control.ts'
import { makeJobRecords } from '../../src/control/job-records.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { type JobKey, jobKey } from '../../src/job/ids.ts'
import { makeBudgetWaits } from '../../src/lanes/queue/budget-waits.ts'
import { type LaneQueues, makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { makeRetryInbox, makeRetryRequests } from '../../src/ledger/retry-requests.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { type IncidentResolverParts, makeIncidentResolver } from '../../src/report/resolve-incidents.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { activateJobs } from '../camunda/activate-jobs.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { until } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  makeProcessesUnderTest,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

let redis: ReturnType<typeof connectRedis>
let camunda: IncidentSearches
let rest: RestClient
let port: ProcessPort
let quarry: QuarryUnderTest
/** What the REST API answers in place of a search. */
let refusal: Refusal | null = null

beforeAll(async () => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  const records = makeEngineRecords(Number(new URL(inject('zeebeRecordsUrl')).port))
  camunda = await startIncidentSearches(records, () => refusal)
  const address = camunda.url
  rest = makeRestClient({ address })
  port = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
  quarry = await startQuarry({ CAMUNDA_REST_ADDRESS: address })
})
afterAll(async () => {
  await quarry?.stop()
  await port?.close()
  await rest?.close()
  await camunda?.stop()
  if (redis !== undefined) await closeRedis(redis)
})

interface Failed {
  readonly instance: string
  readonly key: JobKey
}

/** An instance whose job has failed with an incident; the model answers when it is called again. */
async function failed(headers: Record<string, string> = {}): Promise<Failed> {
  const model = `validation-1@${randomUUID()}`
  const task = {
    ...{ inputs: converseInputs(model), retries: '1' },
    headers: { resultVariable: 'answer', ...headers },
  }
  const bpmnProcessId = await quarry.deploy(task)
  const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })
  const records = await recordsUntil(processInstanceKey, hasEnded)
  const incident = records.find(({ valueType }) => valueType === 'INCIDENT')
  return { instance: processInstanceKey, key: jobKey(String(incident?.value['jobKey'])) }
}

/** Waits for the end of an instance. */
async function completed({ instance }: Failed): Promise<void> {
  await recordsUntil(instance, (records) =>
    records.some(({ valueType, intent, value }) => {
      return (
        valueType === 'PROCESS_INSTANCE' &&
        value['bpmnElementType'] === 'PROCESS' &&
        intent === 'ELEMENT_COMPLETED'
      )
    }),
  )
}

function control(keys: Keys, queues: LaneQueues, given: Partial<JobControlParts> = {}) {
  const events = makeEvents()
  const told: QuarryEvents['jobRetried'][0][] = []
  events.on('jobRetried', (event) => told.push(event))
  const parts = {
    ...{ records: makeJobRecords(redis, keys), queues, budgetWaits: makeBudgetWaits(redis, keys), events },
    ...{ requests: makeRetryRequests(redis, keys), audit: makeAuditLog(redis, keys), by: 'ann@desk' },
    ...given,
  }
  return { ...makeJobControl(parts), told, audit: parts.audit }
}

const command = (...argv: string[]) =>
  runQuarry(argv, { REDIS_URL: inject('redisUrl'), QUARRY_REDIS_PREFIX: quarry.prefix })

describe('a job that failed with an incident', () => {
  it('can be shown and retried by command, and its instance completes', async () => {
    const retried: QuarryEvents['incidentRetried'][0][] = []
    quarry.process.events.on('incidentRetried', (event) => retried.push(event))
    const job = await failed()
    await until('its failure is reported', async () => {
      const [record] = await makeJobRecords(redis, makeKeys(quarry.prefix)).read([job.key])
      return record?.state === 'released'
    })
    const shown = await command('jobs', 'show', job.key)
    expect(shown.stdout).toContain(
      `${job.key}, failed with no retries left: Camunda has an incident for it\n`,
    )
    const { code, stdout } = await command('retry', job.key, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ key: job.key, kind: 'resolved' })
    expect(JSON.parse(stdout).message).toMatch(
      /^Its incident \d+ is resolved, the job has 1 retry: Zeebe hands it out/,
    )
    expect(code).toBe(0)
    await completed(job)
    expect(retried).toMatchObject([{ jobKey: job.key, result: 'resolved' }])
    const lines = await makeAuditLog(redis, makeKeys(quarry.prefix)).last(2)
    expect(lines).toMatchObject(
      ['resolved', 'asked for'].map((said) => {
        return { action: 'retry', change: `job ${job.key}: ${said}`, by: retried[0]?.by }
      }),
    )
  })

  it('because nothing catches its BPMN error can be retried, too', async () => {
    const job = await failed({
      errorExpression: '=if error != null then bpmnError("REFUSED", "It was refused.") else null',
    })
    await until('its error is reported', async () => {
      const [record] = await makeJobRecords(redis, makeKeys(quarry.prefix)).read([job.key])
      return record?.state === 'done'
    })
    const { code, stdout, stderr } = await command('retry', job.key)
    expect(stdout + stderr).toMatch(/Its incident \d+ is resolved/)
    expect(code).toBe(0)
    await completed(job)
    const again = await command('retry', job.key)
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('It is done.') })
  })

  it('but is of another type is left alone', async () => {
    const jobType = `payment-${randomUUID().slice(0, 8)}`
    const other = makeProcessesUnderTest({ CONNECTOR_AWS_BEDROCK_TYPE: jobType })
    const jobs = makeGrpcJobPort({ address: inject('zeebeGrpcAddress') })
    const bpmnProcessId = await other.deploy({ inputs: {} })
    const { processInstanceKey } = await other.processes.createInstance({ bpmnProcessId, variables: '{}' })
    const poll = { type: jobType, worker: 'payments', fetchVariables: [], tenantIds: ['<default>'] }
    const limits = { timeoutMs: 60_000, maxJobs: 1, requestTimeoutMs: 1_000 }
    let job: ActivatedJob | undefined
    await until('it is activated', async () => {
      job = (await activateJobs(jobs, { ...poll, ...limits }))[0]
      return job !== undefined
    })
    const key = jobKey(String(job?.key))
    await jobs.fail({ jobKey: key, retries: 0, retryBackoffMs: 0, errorMessage: 'no funds', variables: '{}' })
    await recordsUntil(processInstanceKey, hasEnded)
    const { code, stdout, stderr } = await command('retry', key)
    expect(stdout + stderr).toContain(`Quarry works on jobs of the type ${quarry.jobType}`)
    expect(code).not.toBe(0)
    const search = makeIncidentSearch(rest)
    expect(await search.activeOf(key)).toHaveLength(1)
    const records = await recordsUntil(processInstanceKey, () => true)
    expect(records.map(({ intent }) => intent)).not.toContain('RETRIES_UPDATED')
    await Promise.all([jobs.close(), other.close()])
  })

  it('is unknown if neither Quarry nor Camunda has it: the commands end with 3', async () => {
    const [shown, retried] = await Promise.all([command('jobs', 'show', '17'), command('retry', '17')])
    expect(shown).toMatchObject({ code: 3, stdout: '' })
    expect(retried).toMatchObject({ code: 3, stdout: '' })
    expect(retried.stderr).toContain('There is no such job')
  })
})

/** A Redis prefix that no adapter serves but those of the test. */
function alone() {
  const keys = makeKeys(`test-retry-${randomUUID().slice(0, 8)}`)
  const queues = makeLaneQueues(redis, keys, () => undefined)
  const adapter = (given: Partial<IncidentResolverParts> = {}) =>
    makeIncidentResolver({
      inbox: makeRetryInbox(redis, keys, `adapter-${randomUUID()}`),
      search: makeIncidentSearch(rest),
      own: { type: quarry.jobType, tenantIds: ['<default>'] },
      ...{ port, events: makeEvents(), random: () => 0, ...given },
    })
  return { keys, queues, adapter }
}

describe('a request to resolve an incident', () => {
  it('is taken over when its adapter dies midway, for the same incident', async () => {
    const { keys, queues, adapter } = alone()
    const job = await failed()
    const asked = control(keys, queues).retry(job.key)
    const dying = makeRetryInbox(redis, keys, 'dying')
    await dying.prepare()
    let taken = await dying.take(60_000)
    while (taken === null) taken = await dying.take(60_000)
    // It found the incident and resolved it, and died before it could say so.
    const [incident = ''] = await makeIncidentSearch(rest).activeOf(job.key)
    await dying.found(taken, incident)
    await port.updateJobRetries({ jobKey: job.key, retries: 1 })
    await port.resolveIncident(incident)
    await completed(job)
    const second = adapter({ deadAfterMs: 1 })
    second.start()
    expect(await asked).toMatchObject({ kind: 'resolved', message: expect.stringContaining(incident) })
    await second.stop()
    await queues.close()
    expect(await redis.xlen(keys.retries)).toBe(0)
  })

  it('is not carried out once nobody waits for it', async () => {
    const { keys, queues, adapter } = alone()
    const job = await failed()
    const asking = control(keys, queues, { patienceMs: 300 })
    const result = await asking.retry(job.key)
    expect(result).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^No adapter took the request within/),
    })
    expect(asking.told).toEqual([{ jobKey: job.key, by: 'ann@desk', result: 'refused' }])
    const late = adapter()
    late.start()
    await until('it is dropped', async () => (await redis.xlen(keys.retries)) === 0)
    await late.stop()
    await queues.close()
    expect(await makeIncidentSearch(rest).activeOf(job.key)).toHaveLength(1)
  })

  it('is refused while Redis accepts no audit line, but finishes even if its last audit line fails', async () => {
    const { keys, queues } = alone()
    const audit = makeAuditLog(redis, keys)
    const key = jobKey('2251799813685249')
    const refused = () => Promise.reject(new Error('OOM'))
    const none = control(keys, queues, { audit: { ...audit, add: refused } })
    await expect(none.retry(key)).rejects.toThrow('OOM')
    expect(await redis.exists(keys.retries)).toBe(0)
    const full = {
      ...audit,
      add: (line: Parameters<typeof audit.add>[0]) => audit.add(line).finally(() => (full.add = refused)),
    }
    const late = control(keys, queues, { audit: { ...audit, add: (line) => full.add(line) }, patienceMs: 1 })
    expect(await late.retry(key)).toMatchObject({ kind: 'refused' })
    expect(late.told).toHaveLength(1)
    expect((await audit.last(9)).map(({ change }) => change)).toEqual([`job ${key}: asked for`])
    await queues.close()
  })

  it.each<[string, Partial<IncidentResolverParts>, typeof refusal, RegExp]>([
    [
      'without an address of the REST API',
      { search: null },
      null,
      /^No address of Camunda’s REST API is set/,
    ],
    [
      'without secondary storage',
      {},
      { status: 403, detail: 'This endpoint requires a secondary storage, but none is set.' },
      /^Camunda runs without secondary storage/,
    ],
    [
      'without rights',
      {},
      { status: 403, detail: 'no rights' },
      /was answered 403: no rights Check what the client may do/,
    ],
  ])('is refused %s, with the remedy', async (_, given, answer, message) => {
    const { keys, queues, adapter } = alone()
    refusal = answer
    const resolver = adapter(given)
    resolver.start()
    const result = await control(keys, queues).retry(jobKey('2251799813685249'))
    refusal = null
    expect(result).toMatchObject({ kind: 'refused', message: expect.stringMatching(message) })
    await resolver.stop()
    await queues.close()
  })
})
