// What an adapter asks Zeebe for. Wiring only.
import type { ActivationRequest } from '../src/camunda/job-port.ts'
import { fetchedVariables } from '../src/connector/fetched-variables.ts'
import type { Line } from '../src/job/line.ts'
import { TRACE_PARENT } from '../src/job/trace-parent.ts'
import type { Settings } from '../src/settings/settings.ts'
import { lineNow } from './connector-line.ts'
import type { ProcessParts } from './role.ts'

/** The stock connector's worker name: people know it from Operate. */
const WORKER_NAME = 'AWS BedRock'

export function activationRequest(parts: ProcessParts): ActivationRequest {
  const { settings, tracing } = parts
  return {
    type: settings.jobType,
    worker: WORKER_NAME,
    timeoutMs: settings.leaseMs,
    // Read when jobs are asked for.
    get fetchVariables() {
      return variablesToFetch(lineNow(parts), settings, tracing.on)
    },
    tenantIds: settings.zeebe.tenantIds,
  }
}

/** Zeebe only sends these variables. */
export function variablesToFetch(line: Line, { tracing }: Settings, isTraced: boolean): readonly string[] {
  return [...fetchedVariables(line), ...(isTraced && tracing.fromVariables ? [TRACE_PARENT] : [])]
}
