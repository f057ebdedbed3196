// Metrics of the stock connector runtime and of its job worker under their own names, so that dashboards made for them
// show Quarry. Adapters count activations and reports, bedrock workers count outcomes.
// Names and labels: ConnectorMetrics.java of camunda/connectors, as Micrometer writes them for Prometheus.
import { Counter, Gauge, type Registry, Summary } from 'prom-client'
import type { ElementTemplate } from '../job/element-template.ts'
import type { Events } from './events.ts'

const TEMPLATE_LABELS = ['type', 'elementTemplateId', 'elementTemplateVersion']
const ACTIONS = { completed: 'completed', failed: 'failed', bpmnError: 'bpmn-error' } as const

/** Further templates of a process share the label `other`, since a header may hold any text. */
const MOST_TEMPLATES = 50
/** Micrometer's maximum covers about the last two minutes. */
const MAXIMUM_MS = 120_000

/** @param type - the job type that the process works on. */
export function countConnector(
  events: Events,
  registry: Registry,
  type: string,
  now: () => number = Date.now,
): void {
  const labels = makeLabels(type)
  countInvocations(events, registry, labels)
  timeExecutions(events, registry, labels, now)
  showLast(events, registry, type, now)
  countWorkerJobs(events, registry, type)
}

type Labels = (template: ElementTemplate) => Record<string, string>

function makeLabels(type: string): Labels {
  const known = new Set<string>()
  return ({ id, version }) => {
    const name = JSON.stringify([id, version])
    if (!known.has(name) && known.size >= MOST_TEMPLATES) {
      return { type, elementTemplateId: 'other', elementTemplateVersion: 'other' }
    }
    known.add(name)
    return { type, elementTemplateId: id, elementTemplateVersion: version }
  }
}

function countInvocations(events: Events, registry: Registry, labels: Labels): void {
  const invocations = new Counter({
    name: 'camunda_connector_outbound_invocations_total',
    help: 'Jobs of the connector by event: activated, completed, failed or bpmn-error.',
    labelNames: ['action', ...TEMPLATE_LABELS],
    registers: [registry],
  })
  events.on('accepted', ({ template }) => invocations.inc({ action: 'activated', ...labels(template) }))
  events.on('answered', ({ outcome, template }) =>
    invocations.inc({ action: ACTIONS[outcome], ...labels(template) }),
  )
}

function timeExecutions(events: Events, registry: Registry, labels: Labels, now: () => number): void {
  const time = new Summary({
    name: 'camunda_connector_outbound_execution_time_seconds',
    help: 'Time from taking a job out of its lane to its outcome, without the wait in the lane.',
    labelNames: TEMPLATE_LABELS,
    percentiles: [],
    registers: [registry],
  })
  const latest = new Map<string, { readonly labels: Record<string, string>; seconds: number; at: number }>()
  new Gauge({
    name: 'camunda_connector_outbound_execution_time_seconds_max',
    help: 'Longest of these times over about the last two minutes.',
    labelNames: TEMPLATE_LABELS,
    registers: [registry],
    collect() {
      this.reset()
      for (const each of latest.values())
        this.set(each.labels, now() - each.at > MAXIMUM_MS ? 0 : each.seconds)
    },
  })
  events.on('answered', ({ template, executionMs }) => {
    if (executionMs === null) return
    const seconds = executionMs / 1_000
    const of = labels(template)
    time.observe(of, seconds)
    const name = JSON.stringify(of)
    const known = latest.get(name)
    const stale = known === undefined || now() - known.at > MAXIMUM_MS || seconds >= known.seconds
    if (stale) latest.set(name, { labels: of, seconds, at: now() })
  })
}

function showLast(events: Events, registry: Registry, type: string, now: () => number): void {
  const gauge = (name: string, help: string): Gauge => {
    const made = new Gauge({ name, help, labelNames: ['type'], registers: [registry] })
    made.set({ type }, 0)
    return made
  }
  const completed = gauge(
    'camunda_connector_outbound_last_completed',
    'When a job was last completed, in milliseconds since 1970; 0 for not since the start.',
  )
  const failed = gauge(
    'camunda_connector_outbound_last_failed',
    'When a job last failed, in milliseconds since 1970; 0 for not since the start.',
  )
  const longest = gauge(
    'camunda_connector_outbound_max_execution_time',
    'Longest execution since the start, in milliseconds.',
  )
  let longestMs = 0
  events.on('answered', ({ outcome, executionMs }) => {
    ;(outcome === 'failed' ? failed : completed).set({ type }, now())
    longestMs = Math.max(longestMs, executionMs ?? 0)
    longest.set({ type }, Math.round(longestMs))
  })
}

function countWorkerJobs(events: Events, registry: Registry, type: string): void {
  const counter = (name: string, help: string): Counter => {
    const made = new Counter({ name, help, labelNames: ['type'], registers: [registry] })
    made.inc({ type }, 0)
    return made
  }
  const activated = counter('camunda_client_worker_job_activated_total', 'Jobs that Zeebe handed out.')
  const handled = counter(
    'camunda_client_worker_job_handled_total',
    'Jobs whose outcome was reported to Zeebe.',
  )
  const both = new Counter({
    name: 'camunda_client_worker_job_total',
    help: 'The same by action, activated or handled, under the name that clients of 8.8 use.',
    labelNames: ['action', 'type'],
    registers: [registry],
  })
  events.on('activated', ({ count }) => {
    activated.inc({ type }, count)
    both.inc({ action: 'activated', type }, count)
  })
  events.on('reported', ({ result }) => {
    if (result !== 'accepted') return
    handled.inc({ type })
    both.inc({ action: 'handled', type })
  })
}
