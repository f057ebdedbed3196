// The contender of Quarry: a worker as a developer would write it, with Camunda's SDK and the retries of AWS's. A
// process of its own; BENCH_JOB_TYPE, BENCH_RETRY_MODE (standard or adaptive) and BENCH_JOBS_AT_A_TIME configure it. No call
// outlives its job timeout.
import { Camunda8 } from '@camunda8/sdk'
import { ask, type Inputs } from './plain-call.ts'

const JOB_TIMEOUT_MS = 5 * 60_000
const { BENCH_JOB_TYPE: taskType = '', BENCH_JOBS_AT_A_TIME: jobsAtATime = '100' } = process.env

const zeebe = new Camunda8({
  CAMUNDA_AUTH_STRATEGY: 'NONE',
  CAMUNDA_LOG_LEVEL: 'none',
}).getZeebeGrpcApiClient()
// Before the client has connected, a completion throws.
await zeebe.topology()
zeebe.createWorker({
  taskType,
  maxJobsToActivate: Number(jobsAtATime),
  timeout: JOB_TIMEOUT_MS,
  taskHandler: async (job) => {
    try {
      return await job.complete({ answer: await ask(job.variables as unknown as Inputs) })
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error)
      // Without `retries` the SDK would set 0.
      return job.fail({ errorMessage, retries: job.retries - 1 })
    }
  },
})
console.log('ready')
