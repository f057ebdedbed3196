// The way to Zeebe breaks as networks break: slow, half-closed, silent, refused. Only Quarry takes that way; instances
// are started and watched beside it.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { startTcpProxy } from './tcp-proxy.ts'
import { waitFor } from './wait-for.ts'

const AWAY_MS = scaled(60_000, 15_000)
const CALLS_PER_SECOND = 5

it('Zeebe unreachable for 60 s: workers go on calling, all outcomes are reported afterwards, and no job is called twice', async (test) => {
  const { hostname: host, port } = new URL(inject('zeebeGrpcAddress'))
  const zeebe = await startTcpProxy({ host, port: Number(port) })
  test.onTestFinished(zeebe.close)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { adapter: 2, bedrock: 1 },
    env: {
      ZEEBE_GRPC_ADDRESS: `grpc://127.0.0.1:${zeebe.port}`,
      QUARRY_LEASE: 'PT20S',
      QUARRY_DEFAULT_RPM: String(60 * CALLS_PER_SECOND),
    },
    sim: { latency: { kind: 'lognormal', medianMs: 700, sigma: 0.5 } },
  })
  zeebe.delay(50)
  // Enough for the lane to have work until Zeebe is back.
  const wanted = CALLS_PER_SECOND * Math.ceil(AWAY_MS / 1_000 + 20)
  const startedAt = performance.now()
  await instances.start(wanted)
  await waitFor('reports have begun', async () => (await instances.count()).completed >= 5)
  zeebe.halfClose()
  const { completed } = await instances.count()
  await waitFor('they go on', async () => (await instances.count()).completed > completed + 5)

  zeebe.silence()
  const callsBefore = standIn.calls().length
  await sleep(AWAY_MS / 3)
  await zeebe.cut()
  const { completed: completedBefore } = await instances.count()
  await sleep((2 * AWAY_MS) / 3)
  const away = await tally(instances, standIn)
  await zeebe.open()
  const openedAt = performance.now()
  await instances.ended(90_000)
  const counted = await tally(instances, standIn)
  printTally(`Zeebe cut off for ${AWAY_MS / 1_000} s`, counted, {
    'completed while it was cut off': away.completed - completedBefore,
    'calls while it was cut off': away.calls - callsBefore,
    'outcomes waiting when it came back': away.paid - away.completed,
    'seconds after it': Math.round((performance.now() - openedAt) / 1_000),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  })
  expect(fleet.crashes).toEqual([])
  expect(away.completed).toBe(completedBefore)
  // Half of the lane's pace is enough to show that nobody waited for Zeebe.
  expect(away.calls - callsBefore).toBeGreaterThan((CALLS_PER_SECOND * AWAY_MS) / 2_000)
  expect(counted).toMatchObject({
    completed: counted.started,
    lost: 0,
    incidents: 0,
    failures: 0,
    calls: counted.started,
  })
  expect(counted.paidAgain).toEqual([])
})
