// A worker that only completes jobs: the upper limit of the engine. A process of its own; BENCH_JOB_TYPE names its jobs. It
// gets jobs by polls and by a job stream, as Quarry does, on Quarry's own client.
import { setTimeout as sleep } from 'node:timers/promises'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobKey } from '../../src/job/ids.ts'

const { BENCH_JOB_TYPE: type = '', ZEEBE_GRPC_ADDRESS: address = '' } = process.env
const JOBS_OF_A_POLL = 500
const LEASE_MS = 5 * 60_000
const POLL_MS = 10_000
const TRIES = 50
const AGAIN_MS = 20

const port = makeGrpcJobPort({ address })
const signal = new AbortController().signal
const request = {
  type,
  worker: 'completing',
  timeoutMs: LEASE_MS,
  fetchVariables: [],
  tenantIds: ['<default>'],
}

/** Repeats the completion while the engine is too busy. */
async function complete(jobKey: JobKey): Promise<void> {
  for (let left = TRIES; left > 0; left -= 1) {
    try {
      return await port.complete({ jobKey, variables: '{"answer":"done"}' })
    } catch {
      await sleep(AGAIN_MS)
    }
  }
}

await port.topology()
void port.stream(request, ({ key }) => void complete(key), signal)
console.log('ready')
for (;;) {
  const open: Promise<void>[] = []
  const poll = { ...request, maxJobs: JOBS_OF_A_POLL, requestTimeoutMs: POLL_MS }
  await port.activate(poll, ({ key }) => void open.push(complete(key)), signal).catch(() => 0)
  await Promise.all(open)
}
