// The connector runtime's own series, from our events.
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { ElementTemplate } from '../../src/job/element-template.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { countConnector } from '../../src/telemetry/connector-metrics.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { readSamples, sumOf } from '../flow/metric-samples.ts'

const TYPE = 'io.camunda:aws-bedrock:1'
const TEMPLATE = { id: 'io.camunda.connectors.aws.bedrock.v1', version: '3' }
const LABELS = { type: TYPE, elementTemplateId: TEMPLATE.id, elementTemplateVersion: TEMPLATE.version }
const JOB = { jobKey: jobKey('1'), processId: 'p', lane: 'default@eu-west-1@m' as LaneName }
const FAMILY = 'camunda_connector_outbound'

function counting() {
  const events = makeEvents()
  const registry = new Registry()
  let now = 1_000_000
  countConnector(events, registry, TYPE, () => now)
  return {
    activated: (template: ElementTemplate = TEMPLATE) =>
      events.emit('accepted', { ...JOB, acceptance: 'new', template }),
    answered: (outcome: Outcome['kind'], executionMs: number | null = 2_000) => {
      const facts = {
        outcome,
        errorType: null,
        error: null,
        elementId: 'e',
        processInstanceKey: '1',
        retriesLeft: null,
      }
      events.emit('answered', { ...JOB, ...facts, executionMs, template: TEMPLATE })
    },
    events,
    later(ms: number) {
      now += ms
    },
    samples: async () => readSamples(await registry.metrics()),
  }
}

it('invocations are counted by action and template', async () => {
  const { activated, answered, samples } = counting()
  for (let index = 0; index < 4; index += 1) activated()
  for (const outcome of ['completed', 'completed', 'failed', 'bpmnError'] as const) answered(outcome)
  const seen = await samples()
  const counts = ['activated', 'completed', 'failed', 'bpmn-error'].map((action) =>
    sumOf(seen, `${FAMILY}_invocations_total`, { action, ...LABELS }),
  )
  expect(counts).toEqual([4, 2, 1, 1])
})

it('executions are timed as Micrometer’s timer is: count, sum, and a maximum that is forgotten', async () => {
  const { answered, later, samples } = counting()
  answered('completed', 2_000)
  answered('failed', 5_000)
  answered('failed', null)
  const time = `${FAMILY}_execution_time_seconds`
  const figures = async () =>
    ['_count', '_sum', '_max'].map(async (end) => sumOf(await samples(), `${time}${end}`, LABELS))
  expect(await Promise.all(await figures())).toEqual([2, 7, 5])
  later(121_000)
  expect(await Promise.all(await figures())).toEqual([2, 7, 0])
  expect(sumOf(await samples(), `${FAMILY}_max_execution_time`, { type: TYPE })).toBe(5_000)
})

it('the last completion and failure are times in ms, 0 before there was any', async () => {
  const { answered, samples } = counting()
  answered('completed')
  const seen = await samples()
  expect(sumOf(seen, `${FAMILY}_last_completed`, { type: TYPE })).toBe(1_000_000)
  expect(sumOf(seen, `${FAMILY}_last_failed`, { type: TYPE })).toBe(0)
})

it('jobs are counted as Camunda’s job worker does: activated, and reported to Zeebe', async () => {
  const { events, samples } = counting()
  events.emit('activated', { count: 5, by: 'poll' })
  for (const result of ['accepted', 'accepted', 'gone'] as const)
    events.emit('reported', { jobKey: JOB.jobKey, outcome: 'completed', result })
  const seen = await samples()
  expect(sumOf(seen, 'camunda_client_worker_job_activated_total', { type: TYPE })).toBe(5)
  expect(sumOf(seen, 'camunda_client_worker_job_handled_total', { type: TYPE })).toBe(2)
  const both = ['activated', 'handled'].map((action) =>
    sumOf(seen, 'camunda_client_worker_job_total', { type: TYPE, action }),
  )
  expect(both).toEqual([5, 2])
})

it('templates beyond fifty share one label, because a header may contain any text', async () => {
  const { activated, samples } = counting()
  for (let index = 0; index < 500; index += 1) activated({ id: `made-up-${index}`, version: '1' })
  activated({ id: 'made-up-1', version: '1' })
  const invocations = (await samples()).filter(({ name }) => name.endsWith('invocations_total'))
  expect(invocations).toHaveLength(51)
  const of = (id: string) => invocations.find(({ labels }) => labels['elementTemplateId'] === id)?.value
  expect([of('other'), of('made-up-1')]).toEqual([450, 2])
})
