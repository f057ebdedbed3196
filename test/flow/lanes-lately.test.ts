// What `quarry lanes` shows of lanes that it does not serve itself: what they did lately, and the quota that their workers have in force.
import { randomUUID } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import type { LaneOverview } from '../../src/control/lane-overview.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { makeLanesFile } from './lanes-file.ts'
import { environment, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, hasEnded, makeProcessesUnderTest, recordsUntil } from './quarry-under-test.ts'

const toStop: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of toStop) await stop()
})

it('a lane whose jobs fail is failing, comes first, and has the quota of its worker’s lanes file', async () => {
  const [fine, denied] = [`m@${randomUUID()}`, `denied@${randomUUID()}`]
  const file = await makeLanesFile(`quotas:\n  - { model: "${denied}", requestsPerMinute: 77 }\n`)
  const env = environment()
  const quarry = await startQuarryProcess({ env: { ...env, QUARRY_LANES_FILE: file.path } })
  const engine = makeProcessesUnderTest(env)
  toStop.push(quarry.stop, engine.close, file.remove)
  await quarry.ready()
  for (const model of [fine, denied]) {
    const bpmnProcessId = await engine.deploy({ inputs: converseInputs(model), retries: '1' })
    const started = Array.from({ length: 4 }, () =>
      engine.processes.createInstance({ bpmnProcessId, variables: '{}' }),
    )
    for (const { processInstanceKey } of await Promise.all(started))
      await recordsUntil(processInstanceKey, hasEnded)
  }
  // This command has no lanes file.
  const lanes = async () =>
    JSON.parse((await runQuarry(['lanes', '-o', 'json'], env)).stdout) as LaneOverview[]
  await until('the figures of both lanes are written', async () =>
    (await lanes()).every(({ recent }) => recent.jobs === 4 && recent.meanMs !== null),
  )
  const found = new Map((await lanes()).map((lane) => [lane.model, lane]))
  expect(found.get(denied)).toMatchObject({
    state: 'failing',
    quota: { requestsPerMinute: 77, origin: 'file' },
    recent: { failed: 4, incidents: 4, callsPerMinute: 0.8 },
  })
  expect(found.get(fine)).toMatchObject({
    state: 'running',
    recent: { failed: 0, incidents: 0, callsPerMinute: 0.8 },
  })
  const { stdout } = await runQuarry(['lanes'], env)
  const [titles = '', first = ''] = stdout.split('\n')
  expect(titles).toMatch(/CALLS\/MIN +FAILED/)
  expect(first).toMatch(/failing .* 4\/4 /)
})
