// What connections cost: the AWS SDK's default handler against shared HTTP/2 and HTTP/1.1 with keep-alive, in one
// run on one stand-in. Run it with `node bench/bedrock-connections.ts [calls]`; docs/adr/0002 has what came of it.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { startSim } from '../sim/sim.ts'

const CALLS = Number(process.argv[2] ?? 1_500)
const IN_FLIGHT = 50

if (process.argv[2] === 'stand-in') {
  const sim = await startSim({ settings: { latency: { kind: 'fixed', ms: 50 } } })
  process.send?.({ url: sim.tlsUrl, caFile: sim.caFile })
  process.once('disconnect', () => void sim.stop())
} else {
  await compare()
}

async function compare(): Promise<void> {
  const standIn = fork(new URL(import.meta.url), ['stand-in'])
  const { url, caFile } = await new Promise<{ url: string; caFile: string }>((resolve) =>
    standIn.once('message', (message) => resolve(message as { url: string; caFile: string })),
  )
  const trust = { ca: readFileSync(caFile) }
  const handlers = {
    'SDK default (a session per call)': new NodeHttp2Handler({
      disableConcurrentStreams: true,
      nodeHttp2ConnectOptions: trust,
    }),
    'HTTP/2 shared, 50 streams a session': new NodeHttp2Handler({
      disableConcurrentStreams: false,
      maxConcurrentStreams: 50,
      nodeHttp2ConnectOptions: trust,
    }),
    'HTTP/1.1 keep-alive, 256 sockets': new NodeHttpHandler({
      httpsAgent: new Agent({ keepAlive: true, maxSockets: 256, ...trust }),
    }),
  }
  const rows = []
  for (const [handler, requestHandler] of Object.entries(handlers))
    rows.push({ handler, ...(await measure(url, requestHandler)) })
  console.table(rows)
  standIn.disconnect()
}

async function measure(endpoint: string, requestHandler: NodeHttp2Handler | NodeHttpHandler) {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const client = new BedrockRuntimeClient({
    region: 'eu-west-1',
    endpoint,
    credentials,
    maxAttempts: 1,
    requestHandler,
  })
  const durations: number[] = []
  let left = CALLS
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const sentAt = performance.now()
      await client.send(
        new InvokeModelCommand({ modelId: 'm1', body: '{"a":1}', contentType: 'application/json' }),
      )
      durations.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller))
  const tookMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  client.destroy()
  durations.sort((a, b) => a - b)
  const at = (quantile: number) => Math.round(durations[Math.floor(quantile * (durations.length - 1))] ?? 0)
  return {
    'calls/s': Math.round((CALLS * 1_000) / tookMs),
    'p50 ms': at(0.5),
    'p99 ms': at(0.99),
    'CPU ms/call': Number(((user + system) / 1_000 / CALLS).toFixed(2)),
  }
}
