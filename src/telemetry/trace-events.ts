// Adds events to traces: spans for waits and calls, and attributes and events on the current span.
import { callSpan } from './call-span.ts'
import type { Events } from './events.ts'
import { errorName, type Tracing } from './tracing.ts'

/** @param endpoint - host and port of Bedrock calls, if not AWS's own for the region. */
export function traceEvents(events: Events, tracing: Tracing, endpoint?: string): void {
  if (!tracing.on) return
  traceCalls(events, tracing, endpoint)
  const say = tracing.current
  events.on('accepted', ({ acceptance }) => say().set({ 'quarry.acceptance': acceptance }))
  events.on('returned', ({ reason }) => say().event('returned', { 'quarry.reason': reason }))
  events.on('deferred', ({ reason, delayMs }) =>
    say().set({ 'quarry.deferral.reason': reason, 'quarry.deferral.delay_ms': delayMs }),
  )
  events.on('orphaned', () => say().event('orphaned'))
  events.on('quarantined', () => say().event('quarantined'))
  events.on('moved', ({ to }) => say().event('moved', { 'quarry.lane': to }))
  events.on('answered', ({ outcome, errorType, retriesLeft }) => {
    say().set({ 'quarry.outcome': outcome, 'quarry.retries_left': retriesLeft ?? undefined })
    if (outcome === 'failed') say().failed(errorType ?? 'failed')
  })
  events.on('expired', () => say().event('expired'))
  events.on('withdrawn', ({ was }) => say().set({ 'quarry.was': was }))
  events.on('leaseLost', ({ status }) => say().set({ 'quarry.reason': status }))
  events.on('reported', ({ outcome, result }) =>
    say().set({ 'quarry.outcome': outcome, 'quarry.report.result': result }),
  )
  events.on('reportDelayed', ({ status }) => say().event('delayed', { 'quarry.status': status }))
  events.on('jobFault', ({ error }) => say().event('fault', { 'error.type': errorName(error) }))
}

function traceCalls(events: Events, tracing: Tracing, endpoint?: string): void {
  events.on('paced', ({ jobKey, processId, lane, waitedMs, waitedFor, given }) => {
    const attributes = {
      'camunda.job.key': jobKey,
      'camunda.process.id': processId,
      'quarry.lane': lane,
      'quarry.waited_for': waitedFor,
      'quarry.turn_given': given,
    }
    const parent = tracing.current()
    tracing
      .start({
        name: 'wait for pace',
        kind: 'internal',
        parent,
        attributes,
        beganAt: Date.now() - waitedMs,
      })
      .end()
  })
  events.on('called', (call) => {
    const beganAt = Date.now() - call.durationMs
    const span = tracing.start({ ...callSpan(call, endpoint), parent: tracing.current(), beganAt })
    if (call.end !== 'ok') span.failed(call.reason)
    span.end()
  })
}
