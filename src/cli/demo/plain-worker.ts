// The worker that `quarry demo --compare` compares with: it runs the same diagrams with the same results, and does what a plain worker does.
// 100 jobs at a time; each call is tried up to three times, with the delays of the AWS SDK's standard retries; a call that still fails takes
// one of the job's retries, by the diagram's own backoff. It knows no quota and no other worker.
import { setTimeout as sleep } from 'node:timers/promises'
import type { BedrockClients } from '../../aws/bedrock-clients.ts'
import type { JobPort } from '../../camunda/job-port.ts'
import { awsError } from '../../connector/aws-error.ts'
import { bindRequest } from '../../connector/bind-request.ts'
import { executionOutcome } from '../../connector/execution-outcome.ts'
import type { ConnectorResponse } from '../../connector/invoke-result.ts'
import { resendRule } from '../../connector/resend.ts'
import { makeBedrockCaller } from '../../execute/bedrock-caller.ts'
import { evaluate } from '../../feel/evaluate.ts'
import type { ActivatedJob } from '../../job/activated-job.ts'
import type { Credential } from '../../job/credential.ts'
import type { JsonObject } from '../../job/json.ts'
import { parseHeaders } from '../../job/task-headers.ts'
import { makeService } from '../../time/service.ts'

const AT_A_TIME = 100
const ATTEMPTS = 3
const LEASE_MS = 5 * 60_000
const POLL_MS = 10_000
/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: doubled each time, with jitter, 20 s at the most. */
const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 20_000

export interface PlainWorker {
  readonly calls: () => number
  readonly throttled: () => number
  /** Jobs without a retry left. */
  readonly incidents: () => number
  stop(): Promise<void>
}

interface PlainParts {
  readonly jobs: JobPort
  readonly clients: BedrockClients
  readonly credential: Credential
  readonly jobType: string
}

/** Calls as the AWS SDK's standard retries would make them. */
function makeRespond(clients: BedrockClients, credential: Credential, signal: AbortSignal) {
  const call = makeBedrockCaller(clients)
  const counts = { calls: 0, throttled: 0 }
  const respond = async (variables: string): Promise<ConnectorResponse> => {
    const bound = bindRequest(variables, { compatibility: '8.9' })
    if (!bound.ok) return bound
    const request = { ...bound.request, credentials: credential }
    for (let attempt = 1; ; attempt += 1) {
      counts.calls += 1
      const answer = await call(request, { timeoutMs: LEASE_MS, signal })
      if (answer.kind === 'response') return { ok: true, response: answer.response }
      if (answer.kind === 'unusable') return { ok: false, error: answer.error }
      const rule = resendRule(answer.failure)
      if (rule === 'throttle') counts.throttled += 1
      if (rule === 'final' || attempt === ATTEMPTS)
        return { ok: false, error: awsError(answer.failure, attempt) }
      const delayMs = Math.random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
      await sleep(delayMs, undefined, { signal })
    }
  }
  return { respond, counts }
}

export function startPlainWorker({ jobs, clients, credential, jobType }: PlainParts): PlainWorker {
  const ending = new AbortController()
  const { respond, counts } = makeRespond(clients, credential, ending.signal)
  let [incidents, running] = [0, 0]

  async function run({ key: jobKey, variables, retries, customHeaders }: ActivatedJob): Promise<void> {
    const { outcome } = await executionOutcome(await respond(variables), {
      retries,
      headers: parseHeaders(customHeaders),
      compatibility: '8.9',
      evaluate: async (expression: string, context: JsonObject) => evaluate(expression, context),
      mask: (text) => text,
    })
    if (outcome.kind === 'completed') return jobs.complete({ jobKey, variables: outcome.variables })
    if (outcome.kind !== 'failed') return
    await jobs.fail({ ...outcome, jobKey })
    if (outcome.retries === 0) incidents += 1
  }

  const polling = makeService({
    name: 'polling for the plain worker of the demo',
    async round() {
      if (running >= AT_A_TIME) return 50
      const request = {
        type: jobType,
        worker: 'plain',
        timeoutMs: LEASE_MS,
        fetchVariables: [],
        tenantIds: [],
        maxJobs: AT_A_TIME - running,
        requestTimeoutMs: POLL_MS,
      }
      const onJob = (job: ActivatedJob) => {
        running += 1
        // A job whose report is refused comes again.
        void run(job)
          .catch(() => undefined)
          .finally(() => {
            running -= 1
          })
      }
      const count = await jobs.activate(request, onJob, ending.signal)
      return count === 0 ? 100 : 0
    },
    onFault: () => undefined,
  })
  polling.start()
  return {
    calls: () => counts.calls,
    throttled: () => counts.throttled,
    incidents: () => incidents,
    async stop() {
      ending.abort()
      await polling.stop()
    },
  }
}
