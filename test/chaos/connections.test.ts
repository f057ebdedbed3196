// The way to Bedrock: a network that swallows a connection without a word, a gateway that resets streams, one without HTTP/2,
// a proxy as the only way.
import { describe, expect, it } from 'vitest'
import { makeTrust, startProxy, type Trust } from '../aws/servers.ts'
import { startPlainFront, startResettingFront } from './fronts.ts'
import { type Scenario, startScenario, type TestEnd } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, type Tally, tally } from './tally.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { waitFor } from './wait-for.ts'

const PLACES = { 'adapter,bedrock': 1 }
const COUNT = scaled(20, 10)

async function trusted(test: TestEnd): Promise<Trust> {
  const trust = await makeTrust()
  test.onTestFinished(trust.remove)
  return trust
}

/** Waits for the end of all instances, and asserts that the fault cost time only. */
async function costsTimeOnly(
  title: string,
  { fleet, instances, standIn }: Scenario,
  more: () => Readonly<Record<string, number>> = () => ({}),
): Promise<Tally> {
  await instances.ended(120_000)
  const counted = await tally(instances, standIn)
  printTally(title, counted, more())
  expect(fleet.crashes).toEqual([])
  expect(counted).toMatchObject({ completed: counted.started, lost: 0, incidents: 0, failures: 0 })
  return counted
}

describe.concurrent('the way to Bedrock', () => {
  it('drops all packets in mid-run: workers notice the dead connections, and all instances complete over new ones', async (test) => {
    let proxy: TcpProxy | undefined
    const scenario = await startScenario(test, {
      places: PLACES,
      sim: { latency: { kind: 'fixed', ms: 3_000 } },
      async env(standIn) {
        const { hostname, port } = new URL(standIn.tlsUrl)
        const started = await startTcpProxy({ host: hostname, port: Number(port) })
        test.onTestFinished(started.close)
        proxy = started
        return { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `https://127.0.0.1:${started.port}` }
      },
    })
    const { instances, standIn } = scenario
    await instances.start(COUNT)
    await waitFor('a call is under way', () => standIn.calls().some(({ open }) => open))
    const swallowed = proxy?.swallow() ?? 0
    expect(swallowed).toBeGreaterThan(0)
    await instances.start(COUNT)
    const counted = await costsTimeOnly('connections swallowed', scenario, () => ({ swallowed }))
    // What had been sent over them was answered, and the answer lost.
    expect(counted.paidAgain.length).toBeLessThanOrEqual(COUNT)
    expect(counted.paid).toBe(counted.started + counted.paidAgain.length)
  })

  it('resets each job’s first stream in every way: all instances complete, only those calls may be paid twice', async (test) => {
    const trust = await trusted(test)
    let front: Awaited<ReturnType<typeof startResettingFront>> | undefined
    const scenario = await startScenario(test, {
      places: PLACES,
      async env(standIn) {
        front = await startResettingFront(standIn, trust)
        test.onTestFinished(front.stop)
        return {
          AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `https://127.0.0.1:${front.port}`,
          AWS_CA_BUNDLE: trust.caBundle,
        }
      },
    })
    await scenario.instances.start(2 * COUNT)
    const resets = () => front?.resets() ?? 0
    const counted = await costsTimeOnly('streams reset', scenario, () => ({ 'streams reset': resets() }))
    expect(resets()).toBe(counted.started)
    expect(counted.paidAgain.length).toBeLessThanOrEqual(front?.unheard() ?? 0)
  })

  it('has no HTTP/2: all instances complete', async (test) => {
    const trust = await trusted(test)
    const scenario = await startScenario(test, {
      places: PLACES,
      async env(standIn) {
        const front = await startPlainFront(standIn, trust)
        test.onTestFinished(front.stop)
        return {
          AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `https://127.0.0.1:${front.port}`,
          AWS_CA_BUNDLE: trust.caBundle,
        }
      },
    })
    await scenario.instances.start(COUNT)
    const counted = await costsTimeOnly('no HTTP/2', scenario)
    expect(counted.calls).toBe(counted.started)
  })

  it('leads through a proxy: all instances complete, and its password is in no log', async (test) => {
    let proxy: Awaited<ReturnType<typeof startProxy>> | undefined
    const scenario = await startScenario(test, {
      places: PLACES,
      async env(standIn) {
        proxy = await startProxy(200, undefined, new URL(standIn.tlsUrl).host)
        test.onTestFinished(proxy.stop)
        return {
          // Nobody is there but through the proxy.
          AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'https://localhost:1',
          HTTPS_PROXY: proxy.url.replace('//', '//quarry:hunter2@'),
          LOG_LEVEL: 'debug',
        }
      },
    })
    await scenario.instances.start(COUNT)
    const counted = await costsTimeOnly('a proxy', scenario, () => ({ tunnels: proxy?.asked.length ?? 0 }))
    expect(counted.calls).toBe(counted.started)
    expect(new Set(proxy?.asked)).toEqual(new Set(['CONNECT localhost:1']))
    for (const { quarry } of scenario.fleet.running()) expect(quarry.output()).not.toContain('hunter2')
  })
})
