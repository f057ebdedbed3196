// Spans as OpenTelemetry's own SDK makes them from the port and from events, kept in memory.
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { beforeEach, describe, expect, it } from 'vitest'
import type { JobKey, LaneName } from '../../src/job/ids.ts'
import type { Called } from '../../src/telemetry/call-span.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { makeTracing } from '../../src/telemetry/otel-spans.ts'
import { traceEvents } from '../../src/telemetry/trace-events.ts'
import { inSpan, NO_TRACING, type Tracing } from '../../src/telemetry/tracing.ts'

const JOB = {
  ...{ jobKey: '4503599627370497' as JobKey, processId: 'claims' },
  lane: 'default@eu-west-1@m' as LaneName,
}
const CALL: Called = {
  ...JOB,
  action: 'converse',
  end: 'throttle',
  reason: 'ThrottlingException',
  durationMs: 1_500,
  inputTokens: 0,
  outputTokens: 0,
}
const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

let kept: InMemorySpanExporter
let tracing: Tracing
let events: ReturnType<typeof makeEvents>

beforeEach(() => {
  kept = new InMemorySpanExporter()
  const processor = new SimpleSpanProcessor({ exporter: kept })
  tracing = makeTracing(new TracerProvider({ spanProcessors: [processor] }).getTracer('test'))
  events = makeEvents()
  traceEvents(events, tracing)
})

function span(name: string): ReadableSpan {
  const found = kept.getFinishedSpans().find((each) => each.name.startsWith(name))
  if (found === undefined) throw new Error(`No span ${name}`)
  return found
}

function ms([seconds, nanos]: readonly [number, number]): number {
  return seconds * 1_000 + nanos / 1e6
}

describe('a span', () => {
  it('is a child of the trace context from Redis, and passes its own on', () => {
    const made = tracing.start({ name: 'a', kind: 'consumer', parent: PARENT, links: ['', PARENT] })
    made.end()
    made.end()
    const { parentSpanContext, links } = span('a')
    const { traceId, spanId } = span('a').spanContext()
    expect(parentSpanContext).toMatchObject({ spanId: '00f067aa0ba902b7', isRemote: true })
    expect(made.place).toBe(`00-${traceId}-${spanId}-01`)
    expect(PARENT).toContain(traceId)
    expect(links.map(({ context }) => context.spanId)).toEqual(['00f067aa0ba902b7'])
    expect(kept.getFinishedSpans()).toHaveLength(1)
  })

  it('without a parent begins a trace, whatever span is current', () => {
    const outer = tracing.start({ name: 'outer', kind: 'internal', parent: '' })
    outer.run(() => tracing.start({ name: 'inner', kind: 'internal', parent: '' }).end())
    outer.end()
    expect(span('inner').spanContext().traceId).not.toBe(span('outer').spanContext().traceId)
  })

  it('of an unsampled trace is not recorded either, and passes that on', () => {
    const made = tracing.start({ name: 'a', kind: 'consumer', parent: PARENT.replace(/01$/, '00') })
    made.end()
    expect(made.place).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/)
    expect(kept.getFinishedSpans()).toEqual([])
  })

  it('is current within its own asynchronous work, and only there', async () => {
    const one = tracing.start({ name: 'one', kind: 'internal', parent: '' })
    const other = tracing.start({ name: 'other', kind: 'internal', parent: '' })
    const seen = await Promise.all(
      [one, other].map((each) =>
        inSpan(each, async () => {
          await new Promise(setImmediate)
          return tracing.current().place
        }),
      ),
    )
    expect(seen).toEqual([one.place, other.place])
    expect(tracing.current().place).toBe('')
  })

  it('has of rejected work only the name of the error', async () => {
    const made = tracing.start({ name: 'a', kind: 'internal', parent: '' })
    await expect(inSpan(made, () => Promise.reject(new TypeError('a prompt')))).rejects.toThrow('a prompt')
    expect(span('a').status).toEqual({ code: 2 })
    expect(span('a').attributes).toEqual({ 'error.type': 'TypeError' })
    expect(span('a').events).toEqual([])
  })
})

describe('events', () => {
  it('create spans for a call and the wait before it, with their durations, in the current span', () => {
    const execution = tracing.start({ name: 'execute', kind: 'consumer', parent: '' })
    execution.run(() => {
      events.emit('paced', { ...JOB, waitedMs: 700, waitedFor: 'tokens', given: true })
      events.emit('called', CALL)
    })
    execution.end()
    const [call, wait] = [span('chat m'), span('wait for pace')]
    for (const each of [call, wait])
      expect(each.parentSpanContext?.spanId).toBe(span('execute').spanContext().spanId)
    expect(ms(call.duration)).toBeGreaterThanOrEqual(1_500)
    expect(ms(wait.duration)).toBeGreaterThanOrEqual(700)
    expect(wait.attributes).toMatchObject({ 'quarry.waited_for': 'tokens', 'quarry.turn_given': true })
    expect(call.attributes).toMatchObject({ 'error.type': 'ThrottlingException' })
    expect(call.status.code).toBe(2)
  })

  it('set the outcome of the job on the current span', () => {
    const execution = tracing.start({ name: 'execute', kind: 'consumer', parent: '' })
    const report = tracing.start({ name: 'report', kind: 'client', parent: execution })
    execution.run(() => {
      events.emit('expired', { ...JOB, sends: 0 })
      const failed = { outcome: 'failed', errorType: 'java.lang.RuntimeException', retriesLeft: 2 } as const
      const template = { id: '', version: '' }
      events.emit('answered', {
        ...JOB,
        ...failed,
        error: null,
        elementId: 'e',
        processInstanceKey: '1',
        executionMs: null,
        template,
      })
    })
    report.run(() => {
      events.emit('reportDelayed', { ...JOB, message: 'a variable', status: 'UNAVAILABLE' })
      events.emit('reported', { ...JOB, outcome: 'failed', result: 'accepted' })
    })
    for (const each of [execution, report]) each.end()
    expect(span('execute').attributes).toEqual({
      'quarry.outcome': 'failed',
      'quarry.retries_left': 2,
      'error.type': 'java.lang.RuntimeException',
    })
    expect(span('execute').events.map(({ name }) => name)).toEqual(['expired'])
    expect(span('report').attributes).toEqual({
      'quarry.outcome': 'failed',
      'quarry.report.result': 'accepted',
    })
    expect(span('report').events).toMatchObject([
      { name: 'delayed', attributes: { 'quarry.status': 'UNAVAILABLE' } },
    ])
  })
})

it('without tracing there is no listener and no current span', () => {
  const untraced = makeEvents()
  traceEvents(untraced, NO_TRACING)
  expect(untraced.eventNames()).toEqual([])
  const made = NO_TRACING.start({ name: 'a', kind: 'internal', parent: PARENT })
  expect(made.run(() => NO_TRACING.current().place)).toBe('')
})
