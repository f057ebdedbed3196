// Where a span is, as text that crosses processes: W3C's `traceparent` (https://www.w3.org/TR/trace-context/#traceparent-header).
// Pure.
import type { JsonValue } from './json.ts'
import { taskHeader } from './task-headers.ts'

/** `00-<trace id>-<span id>-<flags>`; '' for nowhere, as where nothing is traced. */
export type TraceParent = string

/** The task header, and the process variable, by which a diagram or its starter names the trace that a job belongs to. */
export const TRACE_PARENT = 'traceparent'

const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The parts of a `traceparent`. */
export interface TracePlace {
  readonly traceId: string
  readonly spanId: string
  /** Whether its trace is recorded. */
  readonly sampled: boolean
}

/** Reads a `traceparent`; null for what is none. Versions to come may say more behind what is read here. */
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
 * The trace that a job is said to belong to, '' for none: its task header counts before its variable.
 * @param customHeaders - JSON text of the task headers.
 * @param variable - what the variable holds.
 */
export function givenTrace(customHeaders: string, variable: JsonValue | undefined): TraceParent {
  for (const value of [taskHeader(customHeaders, TRACE_PARENT), variable]) {
    if (typeof value === 'string' && readTraceParent(value) !== null) return value
  }
  return ''
}
