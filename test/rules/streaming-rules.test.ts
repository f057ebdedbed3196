// Which calls the lanes file has sent as streams.
import { expect, it } from 'vitest'
import { streamingOf } from '../../src/rules/streaming-rules.ts'

const job = { tenantId: 'gold', bpmnProcessId: 'orders' }
const lane = { account: 'default', region: 'eu-west-1', model: 'eu.anthropic.claude-opus-4-5' }

it('follows the first matching rule, and leaves the rest to the model', () => {
  const rules = [{ tenant: 'trial-*' }, { model: '*.claude-opus-*', off: true }, { region: 'eu-*' }]
  expect(streamingOf(rules, job, lane)).toBe(false)
  expect(streamingOf(rules, { ...job, tenantId: 'trial-1' }, lane)).toBe(true)
  expect(streamingOf(rules, job, { ...lane, model: 'amazon.nova-lite-v1:0' })).toBe(true)
  expect(streamingOf(rules, job, { ...lane, model: 'm', region: 'us-east-1' })).toBeNull()
  expect(streamingOf(undefined, job, lane)).toBeNull()
})
