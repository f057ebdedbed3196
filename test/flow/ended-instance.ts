// An instance on the real engine that is run until it has ended or is stuck, and what the engine says of it.
import type { EngineRecord } from '../../embedded/zeebe/records.ts'
import { hasEnded, type QuarryUnderTest, recordsUntil } from './quarry-under-test.ts'

export interface EndedInstance {
  readonly processInstanceKey: string
  readonly records: readonly EngineRecord[]
  /** Where it is stuck. */
  readonly incident: EngineRecord | undefined
}

export async function runToItsEnd(
  { processes }: Pick<QuarryUnderTest, 'processes'>,
  bpmnProcessId: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<EndedInstance> {
  const request = { bpmnProcessId, variables: JSON.stringify(variables) }
  const { processInstanceKey } = await processes.createInstance(request)
  const records = await recordsUntil(processInstanceKey, hasEnded)
  const incident = records.find(({ valueType, intent }) => valueType === 'INCIDENT' && intent === 'CREATED')
  return { processInstanceKey, records, incident }
}
