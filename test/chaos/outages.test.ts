// Bedrock away for a while: its port refuses, it answers 503 to every call, there are no credentials. The jobs wait, a call
// tries now and then, and all go on when one succeeds.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { environment, type LogLine, startQuarryProcess } from '../flow/quarry-process.ts'
import { type Scenario, startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { startTcpProxy } from './tcp-proxy.ts'
import { waitFor } from './wait-for.ts'

/** Three fleets run at once: no more processes than what is shown takes. */
const ONE = { 'adapter,bedrock': 1 }
const TWO = { 'adapter,bedrock': 2 }
const AWAY_MS = scaled(40_000, 10_000)
const NO_CREDENTIALS_MS = scaled(30_000, 10_000)
/** Some find out, then one tries now and then. */
const FEW = 20
const BEGAN = 'outage began, the jobs of this lane wait for its end'

interface Outage {
  readonly title: string
  readonly count: number
  readonly awayMs: number
  /** Tries so far, also those that reach nobody. */
  readonly tries: () => number
  /** @default 0 */
  readonly atOnce?: number
  readonly end: () => unknown
  /** What the log says of why. */
  readonly why: RegExp
}

/** Starts instances while Bedrock is away, lets it come back, and waits for their end. */
async function sitOut({ fleet, instances, standIn }: Scenario, outage: Outage): Promise<void> {
  const log = () => fleet.running().flatMap(({ quarry }) => quarry.log)
  await instances.start(outage.count)
  await waitFor('a worker says so', () => log().some(({ msg }) => msg === BEGAN))
  await sleep(outage.awayMs)
  const tries = outage.tries()
  await outage.end()
  const endedAt = performance.now()
  await instances.ended(60_000)
  const counted = await tally(instances, standIn)
  printTally(outage.title, counted, {
    'tries meanwhile': tries,
    'seconds after it': Math.round((performance.now() - endedAt) / 1_000),
  })
  expect(fleet.crashes).toEqual([])
  expect(counted).toMatchObject({
    ...{ completed: counted.started, lost: 0, incidents: 0, failures: 0 },
    ...{ paid: counted.started, paidAgain: [] },
  })
  expect(tries).toBeGreaterThan(2)
  expect(tries).toBeLessThan(FEW + (outage.atOnce ?? 0))
  const told = log().filter(({ msg }) => msg === BEGAN)
  expect(told.map(({ why }) => why)).toEqual([expect.stringMatching(outage.why)])
}

describe.concurrent('an unreachable Bedrock', () => {
  it('whose port refuses: all instances complete, and no attempt is counted', async (test) => {
    let away: Awaited<ReturnType<typeof startTcpProxy>> | undefined
    const scenario = await startScenario(test, {
      places: TWO,
      async env(standIn) {
        const { hostname, port } = new URL(standIn.environment('')['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'] ?? '')
        const proxy = await startTcpProxy({ host: hostname, port: Number(port) })
        test.onTestFinished(() => proxy.close())
        await proxy.cut()
        away = proxy
        return { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `https://127.0.0.1:${proxy.port}`, LOG_LEVEL: 'debug' }
      },
    })
    const { fleet } = scenario
    const ended = () =>
      fleet.running().flatMap(({ quarry }) => quarry.log.filter(({ msg }) => msg === 'call ended')).length
    await sitOut(scenario, {
      ...{ title: 'Bedrock refuses connections', count: scaled(60, 20), awayMs: AWAY_MS, tries: ended },
      end: () => away?.open(),
      why: /127\.0\.0\.1:\d+/,
    })
  })

  it('that answers 503 to every call: all instances complete, and no attempt is counted', async (test) => {
    const scenario = await startScenario(test, {
      places: ONE,
      sim: { faults: [{ fault: 'unavailable' }] },
    })
    const { standIn } = scenario
    await sitOut(scenario, {
      ...{ title: 'Bedrock answers 503', count: scaled(60, 20), awayMs: AWAY_MS },
      tries: () => standIn.calls().length,
      end: () => standIn.configure({ faults: [] }),
      why: /ServiceUnavailableException \(503\)/,
    })
  })

  it('for lack of credentials: all instances complete, no attempt is counted, and the log names the reason', async (test) => {
    const source = await startCredentials()
    test.onTestFinished(source.stop)
    const scenario = await startScenario(test, {
      places: ONE,
      env: {
        ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', LOG_LEVEL: 'debug' },
        AWS_CONTAINER_CREDENTIALS_FULL_URI: source.url,
      },
    })
    const { fleet } = scenario
    const ended = () =>
      fleet.running().flatMap(({ quarry }) => quarry.log.filter(({ msg }) => msg === 'call ended')).length
    await sitOut(scenario, {
      ...{ title: 'no credentials', count: scaled(40, 20), awayMs: NO_CREDENTIALS_MS, tries: ended },
      // A chain of sources takes seconds to find none: meanwhile all may ask.
      atOnce: scaled(40, 20),
      end: source.begin,
      why: /^no AWS credentials: /,
    })
  })
})

it('a single worker without credentials stops no lane: the other worker does the work', async (test) => {
  const scenario = await startScenario(test, {
    places: { adapter: 1, bedrock: 1 },
    sim: { latency: { kind: 'fixed', ms: 300 } },
  })
  const { fleet, instances, standIn } = scenario
  const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' }
  await instances.start(1)
  await instances.ended(60_000)
  const env = environment({ ...scenario.environment(''), ...none, LOG_LEVEL: 'debug' })
  const poor = await startQuarryProcess({ env, args: ['--roles', 'bedrock'] })
  test.onTestFinished(async () => void (await poor.stop()))
  await poor.ready()
  const count = scaled(60, 20)
  await instances.start(count)
  await instances.ended(60_000)
  const counted = await tally(instances, standIn)
  const tries = poor.log.filter(({ msg }) => msg === 'call ended').length
  printTally('one worker without credentials', counted, { 'its tries': tries })
  expect(counted).toMatchObject({
    ...{ completed: counted.started, lost: 0, incidents: 0, failures: 0 },
    ...{ paid: counted.started, paidAgain: [] },
  })
  expect(tries).toBeLessThan(FEW)
  const told = (log: readonly LogLine[]) => log.filter(({ msg }) => msg === BEGAN).map(({ why }) => why)
  expect(told(poor.log)).toEqual([expect.stringMatching(/^no AWS credentials: .*Other workers get answers/)])
  expect(fleet.running().flatMap(({ quarry }) => told(quarry.log))).toEqual([])
})

/** A container's source of credentials, which answers 500 at first. */
async function startCredentials() {
  let gives = false
  const server = createServer((_, reply) => {
    if (!gives) return reply.writeHead(500).end()
    const Expiration = new Date(Date.now() + 3_600_000).toISOString()
    const keys = { AccessKeyId: 'AKIAOFTHECONTAINER', SecretAccessKey: 's', Token: 't', Expiration }
    return reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keys))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/credentials`,
    begin() {
      gives = true
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
