import { describe, expect, it } from 'vitest'
import type { JobKey, LaneName } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import { type Called, callSpan, operationOf } from '../../src/telemetry/call-span.ts'

function called(lane: LaneName, more: Partial<Called> = {}): Called {
  return {
    ...{ jobKey: '4503599627370497' as JobKey, processId: 'claims', lane, action: 'converse' },
    ...{ end: 'ok', reason: 'ok', durationMs: 12, inputTokens: 10, outputTokens: 3 },
    ...more,
  }
}

const LANE = laneName({ account: 'default', region: 'eu-west-1', model: 'anthropic.claude-v1:0' })

describe('the span of a call', () => {
  it('has the attributes of the conventions for generative AI', () => {
    const span = callSpan(called(LANE))
    expect(span).toMatchObject({ name: 'chat anthropic.claude-v1:0', kind: 'client' })
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': 'anthropic.claude-v1:0',
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 3,
      'server.address': 'bedrock-runtime.eu-west-1.amazonaws.com',
      'server.port': 443,
      'cloud.region': 'eu-west-1',
    })
  })

  it('counts tokens from a prompt cache as input, and also separately', () => {
    expect(callSpan(called(LANE, { cacheReadTokens: 5, cacheWriteTokens: 2 })).attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 17,
      'gen_ai.usage.cache_read.input_tokens': 5,
      'gen_ai.usage.cache_creation.input_tokens': 2,
    })
  })

  it('has no tokens if none were counted', () => {
    const { attributes } = callSpan(called(LANE, { inputTokens: 0, outputTokens: 0 }))
    expect(attributes?.['gen_ai.usage.input_tokens']).toBeUndefined()
  })

  it.each([
    [undefined, undefined, 'bedrock-runtime.eu-west-1.amazonaws.com', 443],
    ['bedrock.example.com:8443', undefined, 'bedrock.example.com', 8443],
    ['bedrock.example.com', '[::1]:4566', '[::1]', 4566],
  ])('names the server: configured %s, by the diagram %s', (endpoint, server, address, port) => {
    const { attributes } = callSpan(called(LANE, server === undefined ? {} : { server }), endpoint)
    expect(attributes).toMatchObject({ 'server.address': address, 'server.port': port })
  })

  it.each([
    ['converse', 'amazon.nova-lite-v1:0', 'chat'],
    ['invokeModel', 'amazon.titan-text-express-v1', 'text_completion'],
    ['invokeModel', 'amazon.titan-embed-text-v2:0', 'embeddings'],
    ['invokeModel', 'cohere.embed-english-v3', 'embeddings'],
  ] as const)('calls %s of %s %s', (action, model, operation) => {
    expect(operationOf(action, model)).toBe(operation)
  })

  it.each([
    [
      'countTokens',
      'count-tokens:anthropic.claude-v1:0',
      'countTokens anthropic.claude-v1:0',
      'anthropic.claude-v1:0',
    ],
    ['applyGuardrail', 'apply-guardrail', 'applyGuardrail', undefined],
    ['invokeGuardrailChecks', 'guardrail-checks', 'invokeGuardrailChecks', undefined],
  ] as const)('of %s has the model that is named, if any', (action, model, name, asked) => {
    const lane = laneName({ account: 'default', region: 'eu-west-1', model })
    const span = callSpan(called(lane, { action }))
    expect(span.name).toBe(name)
    expect(span.attributes?.['gen_ai.request.model']).toBe(asked)
  })
})
