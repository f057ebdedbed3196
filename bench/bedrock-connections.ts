// The cost of connections: Quarry's own, over HTTP/2 and HTTP/1.1, against the AWS SDK's handlers and against undici's agent, in
// one run on one stand-in, several rounds of each in turn. Run it with `node bench/bedrock-connections.ts [calls]`;
// docs/adr/0006 has the results.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent as TlsAgent } from 'node:https'
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { Agent, request as send } from 'undici'
import { startSim } from '../sim/sim.ts'
import { type AwsRequestHandler, makeAwsHttp } from '../src/aws/aws-http.ts'
import { median } from './report/statistics.ts'

const CALLS = Number(process.argv[2] ?? 1_500)
const IN_FLIGHT = 50
const ROUNDS = 5

type Handler = NodeHttp2Handler | NodeHttpHandler | AwsRequestHandler

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
  const handlers: Record<string, () => Handler> = {
    'SDK default (a session per call)': () =>
      new NodeHttp2Handler({ disableConcurrentStreams: true, nodeHttp2ConnectOptions: trust }),
    'SDK, HTTP/2 shared, 50 streams a session': () =>
      new NodeHttp2Handler({
        disableConcurrentStreams: false,
        maxConcurrentStreams: 50,
        nodeHttp2ConnectOptions: trust,
      }),
    'SDK, HTTP/1.1 keep-alive, 256 sockets': () =>
      new NodeHttpHandler({ httpsAgent: new TlsAgent({ keepAlive: true, maxSockets: 256, ...trust }) }),
    'undici agent, HTTP/2': () => undiciHandler(new Agent({ connect: { ...trust, preferH2: true } })),
    'undici agent, HTTP/1.1': () => undiciHandler(new Agent({ connect: trust, allowH2: false })),
    'Quarry, HTTP/2': () => quarryHandler(caFile, '2'),
    'Quarry, HTTP/1.1': () => quarryHandler(caFile, '1.1'),
  }
  const rounds = new Map<string, Figures[]>(Object.keys(handlers).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, make] of Object.entries(handlers)) rounds.get(name)?.push(await measure(url, make()))
  }
  console.table(
    [...rounds].map(([handler, figures]) => {
      const of = (figure: keyof Figures) => median(figures.map((round) => round[figure])) ?? 0
      return {
        handler,
        'calls/s': Math.round(of('rate')),
        'p50 ms': Math.round(of('p50')),
        'p99 ms': Math.round(of('p99')),
        'CPU ms/call': Number(of('cpu').toFixed(2)),
      }
    }),
  )
  standIn.disconnect()
}

function quarryHandler(caBundle: string, httpVersion: '1.1' | '2'): AwsRequestHandler {
  const http = makeAwsHttp({ caBundle, httpVersion })
  return { ...http, destroy: http.close }
}

function undiciHandler(dispatcher: Agent): AwsRequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle({ protocol, hostname, port, path, method, headers, body }: HttpRequest) {
      const url = `${protocol}//${hostname}:${port ?? 443}${path}`
      const answer = await send(url, { dispatcher, method, headers, body })
      const received = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const)
      const bytes = new Uint8Array(await answer.body.arrayBuffer())
      return {
        response: new HttpResponse({
          ...{ statusCode: answer.statusCode, headers: Object.fromEntries(received), body: bytes },
        }),
      }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy: () => void dispatcher.destroy(),
  }
}

interface Figures {
  readonly rate: number
  readonly p50: number
  readonly p99: number
  /** ms of this process for a call. */
  readonly cpu: number
}

async function measure(endpoint: string, requestHandler: Handler): Promise<Figures> {
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
  const at = (quantile: number) => durations[Math.floor(quantile * (durations.length - 1))] ?? 0
  return {
    rate: (CALLS * 1_000) / tookMs,
    p50: at(0.5),
    p99: at(0.99),
    cpu: (user + system) / 1_000 / CALLS,
  }
}
