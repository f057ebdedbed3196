// Measures the gRPC job port against the SDK's own client, in one run: `node bench/job-port.ts [rounds]`.
// The fake gateway runs in a child process, so that its work does not count; both clients have the same jobs.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { makeGrpcJobPort } from '../src/camunda/grpc-job-port.ts'
import { type JobKey, jobKey } from '../src/job/ids.ts'
import { startFakeGateway } from '../test/camunda/fake-gateway.ts'

const IN_FLIGHT = 64
const BATCH = 100
// 3 MB of the larger jobs: a gateway keeps its messages under 4 MB, and the SDK refuses larger ones.
const JOBS_PER_MESSAGE = 30
const CASES = [
  { bytes: 1_000, jobs: 5_000 },
  { bytes: 100_000, jobs: 1_000 },
] as const
const POLL = { worker: 'bench', tenantIds: ['<default>'], timeoutMs: 600_000, requestTimeoutMs: 10_000 }

/** The figures of a client. */
interface Contender {
  readonly name: string
  activate(type: string): Promise<readonly string[]>
  complete(key: string): Promise<void>
  close(): Promise<void>
}

interface Figures {
  readonly perSecond: number
  readonly cpuMsPer1000: number
}

/** A variables document of about that many bytes: text, numbers and nesting, as a prompt with its settings has. */
function makeVariables(bytes: number): Record<string, string> {
  const turn = { role: 'user', content: 'What is the answer? '.repeat(20), tokens: 412, temperature: 0.7 }
  const turns = Array.from(
    { length: Math.max(1, Math.round(bytes / JSON.stringify(turn).length)) },
    () => turn,
  )
  return { history: JSON.stringify(turns) }
}

async function serve(): Promise<void> {
  const gateway = await startFakeGateway({ jobsPerMessage: JOBS_PER_MESSAGE, record: false })
  process.on('message', ({ type, bytes, jobs }: { type: string; bytes: number; jobs: number }) => {
    const variables = makeVariables(bytes)
    for (let count = 0; count < jobs; count += 1) gateway.addJob({ type, variables })
    process.send?.('ready')
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.(gateway.address)
}

function makeThin(address: string, bytes: number): Contender {
  const port = makeGrpcJobPort({ address })
  const variables = JSON.stringify({ answer: JSON.parse(makeVariables(bytes)['history'] ?? '') })
  const signal = new AbortController().signal
  return {
    name: 'job port',
    async activate(type) {
      const keys: string[] = []
      const request = { ...POLL, type, maxJobs: BATCH, fetchVariables: [] }
      await port.activate(request, ({ key }) => keys.push(key), signal)
      return keys
    },
    complete: (key) => port.complete({ jobKey: jobKey(key), variables }),
    close: () => port.close(),
  }
}

async function makeSdk(address: string, bytes: number): Promise<Contender> {
  const { Camunda8 } = await import('@camunda8/sdk')
  const client = new Camunda8({
    ZEEBE_GRPC_ADDRESS: address,
    CAMUNDA_AUTH_STRATEGY: 'NONE',
    CAMUNDA_LOG_LEVEL: 'none',
    zeebeGrpcSettings: { ZEEBE_GRPC_CLIENT_RETRY: false, ZEEBE_CLIENT_LOG_LEVEL: 'NONE' },
  }).getZeebeGrpcApiClient()
  await client.topology()
  // Parsed beforehand, in favour of the SDK: outcomes are text, and the SDK needs objects.
  const variables = { answer: JSON.parse(makeVariables(bytes)['history'] ?? '') }
  return {
    name: 'SDK client',
    async activate(type) {
      const { worker, timeoutMs: timeout, requestTimeoutMs: requestTimeout } = POLL
      const jobs = await client.activateJobs({
        worker,
        timeout,
        requestTimeout,
        type,
        maxJobsToActivate: BATCH,
      })
      return jobs.map(({ key }) => key)
    },
    async complete(key) {
      await client.completeJob({ jobKey: key, variables })
    },
    async close() {
      await client.close()
    },
  }
}

async function measure(jobs: number, work: () => Promise<void>): Promise<Figures> {
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  await work()
  const used = process.cpuUsage(cpu)
  return {
    perSecond: (jobs / (performance.now() - start)) * 1_000,
    cpuMsPer1000: ((used.user + used.system) / 1_000 / jobs) * 1_000,
  }
}

async function run(contender: Contender, type: string, jobs: number): Promise<Record<string, Figures>> {
  const keys: JobKey[] = []
  const activate = await measure(jobs, async () => {
    while (keys.length < jobs) {
      const batch = await contender.activate(type)
      // A client that loses jobs would wait here for their leases.
      if (batch.length === 0) throw new Error(`${contender.name} got ${keys.length} of ${jobs} jobs`)
      keys.push(...batch.map(jobKey))
    }
  })
  const complete = await measure(jobs, async () => {
    const lane = async () => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) await contender.complete(key)
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
  })
  return { activate, complete }
}

function compare(sdk: Figures, port: Figures): string {
  const speed = [sdk.perSecond, port.perSecond].map(Math.round)
  const cpu = [sdk.cpuMsPer1000, port.cpuMsPer1000].map(Math.round)
  const faster = (port.perSecond / sdk.perSecond).toFixed(1)
  const cheaper = (sdk.cpuMsPer1000 / port.cpuMsPer1000).toFixed(1)
  return [...speed, `${faster} x`, ...cpu, `1/${cheaper}`].join(' | ')
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 3)
  const child = fork(import.meta.filename, ['gateway'])
  const [address] = (await once(child, 'message')) as [string]
  const offer = async (type: string, bytes: number, jobs: number) => {
    const ready = once(child, 'message')
    child.send({ type, bytes, jobs })
    await ready
  }
  console.log(`Node ${process.version}, ${IN_FLIGHT} completions in flight, activation by ${BATCH}\n`)
  console.log('| variables | step | SDK jobs/s | port jobs/s | ratio | SDK CPU ms per 1000 | port | ratio |')
  console.log('|---|---|---|---|---|---|---|---|')
  for (const { bytes, jobs } of CASES) {
    const best = new Map<string, Figures>()
    for (let round = 0; round <= rounds; round += 1) {
      for (const contender of [makeThin(address, bytes), await makeSdk(address, bytes)]) {
        const type = `${contender.name}-${bytes}-${round}`
        await offer(type, bytes, jobs)
        for (const [step, figures] of Object.entries(await run(contender, type, jobs))) {
          const cell = `${step} ${contender.name}`
          // The first round warms up.
          if (round > 0 && figures.perSecond > (best.get(cell)?.perSecond ?? 0)) best.set(cell, figures)
        }
        await contender.close()
      }
    }
    for (const step of ['activate', 'complete']) {
      const [sdk, port] = [best.get(`${step} SDK client`), best.get(`${step} job port`)]
      if (sdk && port) console.log(`| ${bytes / 1_000} KB | ${step} | ${compare(sdk, port)} |`)
    }
  }
  child.disconnect()
}

await (process.argv[2] === 'gateway' ? serve() : main())
