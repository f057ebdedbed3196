// The jobs of the fake gateway: states and preconditions as the engine has them. No gRPC in here.
//
// activatable -> activated -> completed | errorThrown; failed (backing off, then activatable again; or an incident).
// Complete, fail and throw are taken by key from anyone while a job is activatable or activated, as the engine does.
import type { status } from '@grpc/grpc-js'
import { type JobKey, jobKey } from '../../src/job/ids.ts'

export interface FakeJobSpec {
  readonly type: string
  /** JSON text by variable name. */
  readonly variables?: Readonly<Record<string, string>>
  readonly customHeaders?: Readonly<Record<string, string>>
  /** @default 3 */
  readonly retries?: number
  /** @default <default> */
  readonly tenantId?: string
  /** @default 4 */
  readonly partition?: number
}

export interface FakeJob {
  readonly key: JobKey
  readonly type: string
  readonly tenantId: string
  readonly customHeaders: Readonly<Record<string, string>>
  variables: Readonly<Record<string, string>>
  state: 'activatable' | 'activated' | 'failed' | 'errorThrown' | 'completed' | 'cancelled'
  retries: number
  /** When the lease ends, ms since the epoch. */
  deadlineMs: number
  worker: string
  errorMessage: string
  /** How often it was handed out. */
  activations: number
}

/** A refused command. */
export class Rejection extends Error {
  readonly status: keyof typeof status
  readonly details: string

  constructor(statusName: keyof typeof status, details: string) {
    super(details)
    this.status = statusName
    this.details = details
  }
}

type Command = Readonly<Record<string, unknown>>

export interface FakeJobs {
  add(spec: FakeJobSpec): JobKey
  get(key: JobKey): FakeJob
  ended(key: JobKey): Promise<Command>
  cancel(key: JobKey): void
  /** Takes a job that may be handed out, and leases it. */
  take(wanted: {
    type: string
    tenantIds: readonly string[]
    timeoutMs: number
    worker: string
  }): FakeJob | null
  complete(command: Command): void
  fail(command: Command): void
  throwError(command: Command): void
  extend(command: Command): void
  /** Called whenever a job became activatable. */
  onActivatable: (type: string) => void
  stop(): void
}

// Odd and above 2^53, so that a key that went through a number comes out changed.
const FIRST_KEY = 1n
const PARTITION = 4

export function makeFakeJobs(): FakeJobs {
  const jobs = new Map<JobKey, FakeJob>()
  const waiting = new Map<string, Set<FakeJob>>()
  const timers = new Map<JobKey, NodeJS.Timeout>()
  const endings = new Map<JobKey, PromiseWithResolvers<Command>>()
  let nextKey = FIRST_KEY

  function move(job: FakeJob, state: FakeJob['state']): void {
    clearTimeout(timers.get(job.key))
    timers.delete(job.key)
    const queue = waiting.get(job.type) ?? new Set()
    waiting.set(job.type, queue)
    queue.delete(job)
    job.state = state
    if (state !== 'activatable') return
    queue.add(job)
    fake.onActivatable(job.type)
  }

  function moveLater(job: FakeJob, delayMs: number): void {
    timers.set(
      job.key,
      setTimeout(() => move(job, 'activatable'), delayMs),
    )
  }

  function get(key: JobKey): FakeJob {
    const job = jobs.get(key)
    if (!job) throw new Error(`The test put in no job ${key}`)
    return job
  }

  function ending(key: JobKey): PromiseWithResolvers<Command> {
    const found = endings.get(key) ?? Promise.withResolvers<Command>()
    endings.set(key, found)
    return found
  }

  /** The job of a command, if it may take it. */
  function expect(intent: string, command: Command, states: readonly FakeJob['state'][]): FakeJob {
    const variables = String(command['variables'] ?? '').trim()
    if (variables !== '' && !variables.startsWith('{')) {
      const excerpt = `at [Source: (byte[])"${variables}"; line: 1, column: 1]`
      throw new Rejection('INVALID_ARGUMENT', `Property 'variables' is invalid: not an object ${excerpt}`)
    }
    const key = jobKey(String(command['jobKey']))
    const job = jobs.get(key)
    if (!job || job.state === 'completed' || job.state === 'cancelled' || job.state === 'errorThrown') {
      const reason = `Expected to ${intent} job with key '${key}', but no such job was found`
      throw new Rejection('NOT_FOUND', `Command '${intent}' rejected with code 'NOT_FOUND': ${reason}`)
    }
    if (!states.includes(job.state)) {
      const reason = `Expected to ${intent} job with key '${key}', but it is in state '${job.state}'`
      throw new Rejection(
        'FAILED_PRECONDITION',
        `Command '${intent}' rejected with code 'INVALID_STATE': ${reason}`,
      )
    }
    return job
  }

  const fake: FakeJobs = {
    add(spec) {
      const { type, variables = {}, customHeaders = {}, retries = 3 } = spec
      const { tenantId = '<default>', partition = PARTITION } = spec
      const key = jobKey(String((BigInt(partition) << 51n) + nextKey))
      nextKey += 2n
      const job: FakeJob = {
        ...{ key, type, tenantId, customHeaders, variables, retries },
        ...{ state: 'activatable', deadlineMs: 0, worker: '', errorMessage: '', activations: 0 },
      }
      jobs.set(key, job)
      move(job, 'activatable')
      return key
    },
    get,
    ended: (key) => ending(key).promise,
    cancel: (key) => move(get(key), 'cancelled'),
    take({ type, tenantIds, timeoutMs, worker }) {
      for (const job of waiting.get(type) ?? []) {
        if (!tenantIds.includes(job.tenantId)) continue
        move(job, 'activated')
        job.deadlineMs = Date.now() + timeoutMs
        job.worker = worker
        job.activations += 1
        moveLater(job, timeoutMs)
        return job
      }
      return null
    },
    complete(command) {
      const job = expect('COMPLETE', command, ['activatable', 'activated'])
      move(job, 'completed')
      ending(job.key).resolve(command)
    },
    fail(command) {
      const job = expect('FAIL', command, ['activatable', 'activated'])
      job.retries = Number(command['retries'])
      job.errorMessage = String(command['errorMessage'])
      // Values are parsed here, so big numbers among them are not kept.
      const added = Object.entries(JSON.parse(String(command['variables'] || '{}')))
      job.variables = {
        ...job.variables,
        ...Object.fromEntries(added.map(([name, value]) => [name, JSON.stringify(value)])),
      }
      const backoffMs = Number(command['retryBackOff'])
      move(job, job.retries > 0 && backoffMs <= 0 ? 'activatable' : 'failed')
      if (job.retries > 0 && backoffMs > 0) moveLater(job, backoffMs)
    },
    throwError(command) {
      const job = expect('THROW_ERROR', command, ['activatable', 'activated'])
      move(job, 'errorThrown')
      ending(job.key).resolve(command)
    },
    extend(command) {
      const job = expect('UPDATE_TIMEOUT', command, ['activated'])
      const timeoutMs = Number(command['timeout'])
      clearTimeout(timers.get(job.key))
      job.deadlineMs = Date.now() + timeoutMs
      moveLater(job, timeoutMs)
    },
    onActivatable: () => undefined,
    stop() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
  return fake
}
