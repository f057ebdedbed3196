import { describe, expect, it } from 'vitest'
import { STOCK_OPTIONS } from '../../src/bedrock/call-options.ts'
import type { BedrockRequest } from '../../src/connector/bedrock-request.ts'
import { withMetadata } from '../../src/execute/job-metadata.ts'
import { jobKey } from '../../src/job/ids.ts'
import type { JsonObject } from '../../src/job/json.ts'
import type { QueuedJob } from '../../src/job/queued-job.ts'

const job: QueuedJob = {
  key: jobKey('11'),
  epoch: 1,
  processInstanceKey: '12',
  bpmnProcessId: 'claims<ä>',
  processDefinitionKey: '13',
  elementId: 'ask',
  tenantId: 'gold',
  retries: 3,
  customHeaders: '{}',
  variables: '{}',
}
const OF_JOB = { process: 'claims___', processInstance: '12', element: 'ask', tenant: 'gold', job: '11' }
const HEADER = 'x-amzn-bedrock-request-metadata'

function request(action: 'converse' | 'invokeModel', metadata?: JsonObject): BedrockRequest {
  const common = { modelId: 'm', options: STOCK_OPTIONS, ...(metadata === undefined ? {} : { metadata }) }
  return {
    credentials: { kind: 'chain' },
    region: 'eu-west-1',
    size: { characters: 0, images: 0, documentBytes: 0, maxTokens: null },
    call:
      action === 'converse'
        ? { ...common, action, body: '{"messages":[]}', messages: [] }
        : { ...common, action, body: '{}', headers: {} },
  }
}

function sent(made: BedrockRequest): unknown {
  const { call } = made
  if (call.action === 'invokeModel') return JSON.parse(call.headers[HEADER] ?? 'null')
  return JSON.parse(String(call.body)).requestMetadata ?? null
}

describe('metadata of a job', () => {
  it('leaves the body of a stock task as it is by default, and goes with any other', () => {
    const stock = request('converse')
    expect(withMetadata(stock, job, 'auto')).toBe(stock)
    expect(sent(withMetadata(request('converse', {}), job, 'auto'))).toEqual(OF_JOB)
    expect(sent(withMetadata(request('invokeModel'), job, 'auto'))).toEqual(OF_JOB)
  })

  it('goes with every call, or with none', () => {
    expect(sent(withMetadata(request('converse'), job, 'always'))).toEqual(OF_JOB)
    for (const action of ['converse', 'invokeModel'] as const)
      expect(sent(withMetadata(request(action, { team: 'a' }), job, 'never'))).toEqual({ team: 'a' })
  })

  it('gives way to what the task sets itself, within the sixteen entries that Bedrock takes', () => {
    expect(sent(withMetadata(request('converse', { process: 'mine' }), job, 'auto'))).toEqual({
      ...OF_JOB,
      process: 'mine',
    })
    const many = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`k${index}`, 'v']))
    expect(Object.keys(sent(withMetadata(request('converse', many), job, 'auto')) as object)).toHaveLength(16)
  })
})
