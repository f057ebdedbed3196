// The endpoint that a diagram may name itself: signed requests go there, so an operator has to allow it.
import { randomUUID } from 'node:crypto'
import { expect, inject, it } from 'vitest'
import { readSamples } from './metric-samples.ts'
import { callsOf } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

const taskWith = (modelId: string) => ({
  inputs: converseInputs(modelId, { 'configuration.endpoint': `${inject('simUrl').toUpperCase()}/` }),
  headers: { resultVariable: 'answer' },
  retries: '1',
})

async function callsInMetrics({ process }: QuarryUnderTest, model: string): Promise<number> {
  const samples = readSamples(await (await fetch(`${process.url}/metrics`)).text())
  const ours = samples.filter(
    ({ name, labels }) => name === 'quarry_bedrock_call_seconds_count' && labels['model'] === model,
  )
  return ours.reduce((sum, { value }) => sum + value, 0)
}

it('a task’s own endpoint that is not allowed is refused, with the setting that would allow it', async () => {
  const modelId = `m@${randomUUID()}`
  const quarry = await startQuarry()
  try {
    const bpmnProcessId = await quarry.deploy(taskWith(modelId))
    const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })
    const records = await recordsUntil(processInstanceKey, hasEnded)
    const incident = records.find(({ valueType }) => valueType === 'INCIDENT')
    expect(incident?.value['errorMessage']).toMatch(/is not allowed.*Add it to QUARRY_ENDPOINT_ALLOW/)
    expect(await callsOf(modelId)).toEqual([])
    expect(await callsInMetrics(quarry, modelId)).toBe(0)
  } finally {
    await quarry.stop()
  }
})

it('a task’s own endpoint that is allowed is called in place of the configured one', async () => {
  const modelId = `m@${randomUUID()}`
  const nowhere = 'https://bedrock.invalid'
  const quarry = await startQuarry({
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: nowhere,
    QUARRY_ENDPOINT_ALLOW: inject('simUrl'),
  })
  try {
    const process = await quarry.deploy(taskWith(modelId))
    expect((await quarry.run(process))['answer']).toHaveLength(2)
    expect(await callsOf(modelId)).toHaveLength(1)
    expect(await callsInMetrics(quarry, modelId)).toBe(1)
  } finally {
    await quarry.stop()
  }
})
