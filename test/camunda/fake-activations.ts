// The polls and job streams that the fake gateway holds open, and how jobs get to them: streams first, then polls.
import type { ServerWritableStream } from '@grpc/grpc-js'
import { type FakeJob, type FakeJobs, Rejection } from './fake-jobs.ts'

/** A request of either kind, as it comes over the wire. */
export interface ActivationMessage {
  readonly type: string
  readonly worker: string
  readonly timeout: string
  readonly maxJobsToActivate?: number
  readonly requestTimeout?: string
  readonly fetchVariable: readonly string[]
  readonly tenantIds: readonly string[]
}

export type Activation = ServerWritableStream<ActivationMessage, object>

export interface FakeActivations {
  /** Why a request is refused, null if it is not. */
  refusal(request: ActivationMessage): Rejection | null
  poll(call: Activation): void
  stream(call: Activation): void
  /** Job streams that are open, as the gateway sees it. */
  streamCount(): number
  /** Drops what is held, as when the connection has ended. */
  forget(): void
}

const DEFAULT_HOLD_MS = 10_000

export function makeFakeActivations(jobs: FakeJobs, jobsPerMessage: number): FakeActivations {
  const polls = new Map<Activation, NodeJS.Timeout>()
  const streams = new Set<Activation>()

  function take({ request }: Activation): FakeJob | null {
    return jobs.take({
      type: request.type,
      worker: request.worker,
      timeoutMs: Number(request.timeout),
      tenantIds: request.tenantIds.length > 0 ? request.tenantIds : ['<default>'],
    })
  }

  /** Answers a poll if there are jobs for it. */
  function answer(call: Activation): boolean {
    const taken: object[] = []
    while (taken.length < (call.request.maxJobsToActivate ?? 0)) {
      const job = take(call)
      if (!job) break
      taken.push(toMessage(job, call.request.fetchVariable))
    }
    if (taken.length === 0) return false
    for (let start = 0; start < taken.length; start += jobsPerMessage) {
      call.write({ jobs: taken.slice(start, start + jobsPerMessage) })
    }
    end(call)
    return true
  }

  function end(call: Activation): void {
    clearTimeout(polls.get(call))
    polls.delete(call)
    call.end()
  }

  jobs.onActivatable = (type) => {
    for (const call of streams) {
      if (call.request.type !== type) continue
      const job = take(call)
      if (job) call.write(toMessage(job, call.request.fetchVariable))
    }
    for (const call of [...polls.keys()]) if (call.request.type === type) answer(call)
  }

  return {
    refusal(request) {
      const blank = request.type === '' ? 'type' : request.worker === '' ? 'worker' : null
      if (blank === null) return null
      return new Rejection(
        'INVALID_ARGUMENT',
        `Expected to activate jobs with ${blank} to be present, but it was blank`,
      )
    },
    poll(call) {
      if (answer(call)) return
      const holdMs = Number(call.request.requestTimeout)
      if (holdMs < 0) {
        call.end()
        return
      }
      polls.set(
        call,
        setTimeout(() => end(call), holdMs || DEFAULT_HOLD_MS),
      )
      call.on('cancelled', () => {
        clearTimeout(polls.get(call))
        polls.delete(call)
      })
    },
    stream(call) {
      streams.add(call)
      call.on('cancelled', () => streams.delete(call))
      // As the engine does: what waited before the stream was opened is left to polls.
    },
    streamCount: () => streams.size,
    forget() {
      for (const timer of polls.values()) clearTimeout(timer)
      polls.clear()
      streams.clear()
    },
  }
}

function toMessage(job: FakeJob, fetchVariable: readonly string[]): object {
  const fetched = Object.entries(job.variables).filter(
    ([name]) => fetchVariable.length === 0 || fetchVariable.includes(name),
  )
  return {
    key: job.key,
    type: job.type,
    processInstanceKey: '9007199254740995',
    bpmnProcessId: 'fake-process',
    processDefinitionVersion: 1,
    processDefinitionKey: '9007199254740997',
    elementId: 'fake-task',
    elementInstanceKey: '9007199254740999',
    customHeaders: JSON.stringify(job.customHeaders),
    worker: job.worker,
    retries: job.retries,
    deadline: String(job.deadlineMs),
    variables: `{${fetched.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`,
    tenantId: job.tenantId,
  }
}
