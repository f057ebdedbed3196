// The main job on real parts: Zeebe engine, Redis, the AWS SDK against the stand-in over TLS with HTTP/2.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsOf } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  invokeInputs,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry()
})
afterAll(() => quarry?.stop())

describe('a connector task', () => {
  it('of action converse calls the model and gives the conversation to the process', async () => {
    const process = await quarry.deploy({
      inputs: converseInputs('m1'),
      headers: { resultVariable: 'conversation' },
    })
    expect((await quarry.run(process))['conversation']).toEqual([
      { role: 'user', contentList: [{ text: 'Hello there' }] },
      { role: 'assistant', contentList: [{ text: 'Echo: Hello there' }] },
    ])
  })

  it('of action invokeModel sends the payload unchanged and gives the body to the process', async () => {
    const inputs = invokeInputs('echo', { 'data.payload': '={"z":1,"id":9007199254740993,"text":text}' })
    const process = await quarry.deploy({ inputs, headers: { resultVariable: 'answer' } })
    const { processInstanceKey } = await quarry.processes.createInstance({
      bpmnProcessId: process,
      variables: '{"text":"Grüße 👩‍🚀"}',
    })
    const records = await recordsUntil(processInstanceKey, hasEnded)
    expect(
      records.filter(({ valueType }) => valueType === 'INCIDENT').map(({ value }) => value['errorMessage']),
    ).toEqual([])
  })

  it('runs the documentation’s example: a Jamba model and a result expression over its choices', async () => {
    const inputs = invokeInputs('ai21.jamba-instruct-v1:0', {
      'data.payload':
        '={"messages":[{"role":"user","content":"Hello"}],"max_tokens":256,"top_p":0.8,"temperature":0.7}',
    })
    const process = await quarry.deploy({
      inputs,
      headers: { resultExpression: '{ response : body.choices.message.content[1] }' },
    })
    expect(await quarry.run(process)).toMatchObject({ response: 'Hello from ai21.jamba-instruct-v1:0' })
  })
})

describe('a burst larger than the backlog may grow', () => {
  it('completes, and each job is called once', async () => {
    const small = await startQuarry({ QUARRY_MAX_BACKLOG: '25', QUARRY_MAX_LANE_BACKLOG: '1000' })
    const model = `slow-20@${randomUUID()}`
    try {
      const process = await small.deploy({
        inputs: converseInputs(model),
        headers: { resultVariable: 'answer' },
      })
      const instances = await Promise.all(
        Array.from({ length: 200 }, () =>
          small.processes.createInstance({ bpmnProcessId: process, variables: '{}' }),
        ),
      )
      for (const { processInstanceKey } of instances) {
        // What has no room goes back to Zeebe for a while, and is called back: its lease ends then, and no retry is used.
        const jobs = (await recordsUntil(processInstanceKey, hasEnded)).filter(
          ({ valueType }) => valueType === 'JOB',
        )
        expect(jobs.map(({ intent }) => intent)).not.toContain('FAILED')
        expect(jobs.map(({ intent }) => intent)).toContain('COMPLETED')
      }
      expect(await callsOf(model)).toHaveLength(200)
    } finally {
      await small.stop()
    }
  })
})
