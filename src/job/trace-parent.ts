// The place of a span, as text that crosses processes: W3C's `traceparent` (https://www.w3.org/TR/trace-context/#traceparent-header).
// Pure.
import type { JsonValue } from './json.ts'
import { taskHeader } from './task-headers.ts'

/** `00-<trace id>-<span id>-<flags>`; '' for none, as without tracing. */
export type TraceParent = string

/** Task header and process variable with which a diagram or its starter names the trace of a job. */
export const TRACE_PARENT = 'traceparent'

const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The parts of a `traceparent`. */
interface TracePlace {
  readonly traceId: string
  readonly spanId: string
  /** Whether its trace is recorded. */
  readonly sampled: boolean
}

/** Parses a `traceparent`; null if it is none. Later versions may append to what is read here. */
export function readTraceParent(text: string): TracePlace | null {
  const [, version, traceId, spanId, flags, more] = FORM.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  if (version === '00' && more !== undefined) return null
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** Writes a `traceparent`. */
export function writeTraceParent({ traceId, spanId, sampled }: TracePlace): TraceParent {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/**
 * The trace that a job was given, '' for none: its task header wins over its variable.
 * @param customHeaders - JSON text of the task headers.
 * @param variable - value of the process variable.
 */
export function givenTrace(customHeaders: string, variable: JsonValue | undefined): TraceParent {
  for (const value of [taskHeader(customHeaders, TRACE_PARENT), variable]) {
    if (typeof value === 'string' && readTraceParent(value) !== null) return value
  }
  return ''
}
