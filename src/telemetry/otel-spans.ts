// The tracing port, implemented by a tracer of OpenTelemetry. The current span is stored here and not in OpenTelemetry's own context,
// so that an application that embeds Quarry, and instrumentation beside it, keep theirs.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { readTraceParent, type TraceParent, writeTraceParent } from '../job/trace-parent.ts'
import { type NewSpan, NO_TRACING, type Span, type SpanAttributes, type Tracing } from './tracing.ts'

const KINDS: Readonly<Record<NewSpan['kind'], SpanKind>> = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}

export function makeTracing(tracer: Tracer): Tracing {
  const active = new AsyncLocalStorage<Span>()
  const nothing = NO_TRACING.current()
  return {
    on: true,
    current: () => active.getStore() ?? nothing,
    start({ name, kind, parent, links = [], attributes = {}, beganAt }) {
      const options = {
        kind: KINDS[kind],
        attributes: present(attributes),
        links: links.flatMap(linkTo),
        ...(beganAt === undefined ? {} : { startTime: beganAt }),
      }
      return makeSpan(tracer.startSpan(name, options, contextOf(parent)), active)
    },
  }
}

function makeSpan(span: OtelSpan, active: AsyncLocalStorage<Span>): Span {
  let ended = false
  const made: Span = {
    place: placeOf(span.spanContext()),
    set: (attributes) => void span.setAttributes(present(attributes)),
    event: (name, attributes = {}) => void span.addEvent(name, present(attributes)),
    link: (to) => void span.addLinks(linkTo(to)),
    failed(type) {
      span.setAttribute('error.type', type)
      span.setStatus({ code: SpanStatusCode.ERROR })
    },
    run: (work) => active.run(made, work),
    end() {
      if (!ended) span.end()
      ended = true
    },
  }
  return made
}

function contextOf(parent: Span | TraceParent): Context {
  const [place, isRemote] = typeof parent === 'string' ? [parent, true] : [parent.place, false]
  const context = spanContext(place, isRemote)
  return context === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context)
}

function linkTo(place: TraceParent): { context: SpanContext }[] {
  const context = spanContext(place, true)
  return context === null ? [] : [{ context }]
}

function spanContext(place: TraceParent, isRemote: boolean): SpanContext | null {
  const read = readTraceParent(place)
  if (read === null) return null
  const { traceId, spanId, sampled } = read
  return { traceId, spanId, isRemote, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE }
}

function placeOf({ traceId, spanId, traceFlags }: SpanContext): TraceParent {
  return writeTraceParent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 })
}

function present(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const known: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) known[name] = value
  return known
}
