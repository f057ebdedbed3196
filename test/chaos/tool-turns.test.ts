// The three turns of `examples/tools.bpmn`, with the worker killed in each of them: before its call is paid, and after its answer.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { exampleDiagram, readExample, startTools } from '../flow/example-process.ts'
import { until } from '../flow/quarry-process.ts'
import { STORED_AFTER_MS } from './in-flight.ts'
import { startScenario } from './scenario.ts'
import { payments, promptOf } from './stand-in.ts'

const INSTANCES = 4
const TURNS = 3

it('kill -9 of the worker in each turn of a conversation with tools, before the call and after the answer: each turn is paid once', async (test) => {
  const { standIn: settings } = await readExample('tools')
  const { fleet, standIn, jobType } = await startScenario(test, {
    places: { adapter: 1, bedrock: 1 },
    sim: { ...settings },
  })
  const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
  test.onTestFinished(() => processes.close())
  const tools = startTools(jobType)
  test.onTestFinished(tools.close)
  const paid = () => standIn.calls().filter((call) => call.paid).length
  const kill = async (): Promise<void> => {
    for (const member of fleet.running().filter(({ roles }) => roles === 'bedrock'))
      await fleet.end(member, 'SIGKILL')
    await fleet.ready()
  }
  /** Bedrock refuses calls until the worker has died of it once; the next one is paid, and dies when the answers are stored. */
  const turnWithKills = async (turn: number): Promise<void> => {
    await until(`a call of turn ${turn} is refused`, async () => standIn.calls().length > callsBefore)
    await kill()
    expect(paid()).toBe((turn - 1) * INSTANCES)
    standIn.configure({ faults: [] })
    await until(`turn ${turn} is paid`, async () => paid() >= turn * INSTANCES)
    await sleep(STORED_AFTER_MS)
    standIn.configure({ faults: [{ fault: 'throttle' }] })
    await kill()
    callsBefore = standIn.calls().length
  }

  standIn.configure({ faults: [{ fault: 'throttle' }] })
  let callsBefore = 0
  const [deployed] = await processes.deploy([
    { name: 'tools.bpmn', content: await exampleDiagram('tools', jobType) },
  ])
  const version = deployed?.version ?? 0
  const ended = Array.from({ length: INSTANCES }, async (_, index) => {
    const variables = JSON.stringify({ claim: promptOf(index + 1) })
    const request = { bpmnProcessId: 'tools', version, variables, requestTimeoutMs: 280_000 }
    return JSON.parse((await processes.createInstanceWithResult(request)).variables).answer.text
  })
  await turnWithKills(1)
  for (let used = 0; used < INSTANCES; used += 1) await tools.use('lookup-policy')
  await turnWithKills(2)
  for (let used = 0; used < INSTANCES; used += 1) await tools.use('approve')
  await turnWithKills(3)
  expect(await Promise.all(ended)).toEqual(Array(INSTANCES).fill('350 will be paid.'))
  expect(Object.fromEntries(payments(standIn.calls()))).toEqual(
    Object.fromEntries(Array.from({ length: INSTANCES }, (_, index) => [promptOf(index + 1), TURNS])),
  )
  expect(standIn.stats()).toMatchObject({ ok: TURNS * INSTANCES, duplicates: 0 })
  expect(fleet.crashes).toEqual([])
})
