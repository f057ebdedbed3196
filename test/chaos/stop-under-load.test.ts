// Workers that are told to stop under a backlog, while calls run that are longer than their grace and jobs read slow documents.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Member } from './fleet.ts'
import { type Scenario, startScenario, type TestEnd } from './scenario.ts'
import { scaled } from './seed.ts'
import { paidAgain } from './stand-in.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

const DOCUMENT_MS = 1_500
/** From a call's begin to its place in the stand-in's books. */
const READ_MS = 250

/** Serves documents that take a while. @returns its host and port. */
async function slowDocuments(test: TestEnd): Promise<string> {
  const server = createServer(async (_request, response) => {
    await sleep(DOCUMENT_MS)
    response.end('a document')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Tells it to stop. @returns how many calls it began after that, and those that its log says were cut. */
async function stopOne({ fleet, standIn }: Scenario, victim: Member): Promise<{ late: number; cut: number }> {
  const own = () => standIn.calls().filter(({ accessKey }) => accessKey === victim.accessKey)
  await waitFor('it has calls under way', () => own().filter(({ open }) => open).length >= 4)
  const { code } = await fleet.end(victim, 'SIGTERM')
  expect(code).toBe(0)
  const stopping = await victim.quarry.logged('quarry stopping')
  const stoppedAt = Date.parse(String(stopping['time']))
  const cut = victim.quarry.log.filter(({ msg }) => msg.startsWith('call cut'))
  for (const line of cut) {
    expect(line).toMatchObject({
      ...{ level: 40, jobKey: expect.any(String), processId: expect.any(String) },
      ...{ lane: expect.any(String), ranMs: expect.any(Number) },
    })
  }
  return { late: own().filter(({ at }) => at > stoppedAt + READ_MS).length, cut: cut.length }
}

it('SIGTERM under a backlog: no call begins after it, and only calls that it cuts, which the log names, may be paid twice', async (test) => {
  const host = await slowDocuments(test)
  const scenario = await startScenario(test, {
    places: { adapter: 1, bedrock: 2 },
    env: {
      ...{ QUARRY_SHUTDOWN_GRACE: 'PT4S', QUARRY_DEFAULT_RPM: '300' },
      ...{ QUARRY_LANE_CONCURRENCY: '15', QUARRY_DOCUMENT_ALLOW_HOSTS: host },
    },
    sim: { latency: { kind: 'lognormal', medianMs: 3_000, sigma: 0.6 } },
  })
  const { fleet, standIn, instances, deploy } = scenario
  const document = `{"camunda.document.type": "external", "url": "http://${host}/a", "name": "a.txt"}`
  const reading = await deploy({
    model: `reading@${instances.model}`,
    inputs: { 'data.newDocuments': `=[${document}]` },
  })
  await Promise.all([instances.start(scaled(120, 60)), reading.start(scaled(60, 40))])
  const stops: { late: number; cut: number }[] = []
  for (const name of ['bedrock-1', 'bedrock-2']) {
    const victim = fleet.running().find((member) => member.name === name)
    if (victim === undefined) throw new Error(`Nothing runs in the place ${name}.`)
    stops.push(await stopOne(scenario, victim))
    await fleet.ready()
  }
  const through = await Promise.all([instances.ended(120_000), reading.ended(120_000)])
  const [counted, read] = [await tally(instances, standIn), await tally(reading, standIn)]
  const late = stops.reduce((sum, stop) => sum + stop.late, 0)
  const cut = stops.reduce((sum, stop) => sum + stop.cut, 0)
  const again = paidAgain(standIn.calls().map((call) => ({ ...call, job: `${call.model} ${call.job}` })))
  const told = { 'calls begun after SIGTERM': late, 'calls that the log says were cut': cut }
  printTally('SIGTERM under a backlog', counted, told)
  printTally('the same, of jobs that read documents', read)
  expect(fleet.crashes).toEqual([])
  expect(through).toEqual([true, true])
  for (const each of [counted, read]) {
    expect(each).toMatchObject({ completed: each.started, lost: 0, incidents: 0, failures: 0, timeouts: 0 })
  }
  expect(late).toBe(0)
  expect(again.length).toBeLessThanOrEqual(cut)
  expect(counted.calls + read.calls).toBe(counted.started + read.started + cut)
})
