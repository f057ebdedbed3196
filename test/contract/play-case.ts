// Plays a recorded case through real Zeebe, Redis and the AWS SDK, and gives what was seen in the form in which the
// recording is compared: what the stand-in got, what the engine accepted, how the instance ended.
import { inject } from 'vitest'
import type { EngineRecord } from '../../embedded/zeebe/records.ts'
import type { LoggedRequest } from '../../sim/sim.ts'
import { hasEnded, type ProcessesUnderTest, recordsUntil } from '../flow/quarry-under-test.ts'
import { normalised, type RecordedCase, type RecordedCommand } from './recorded-cases.ts'

/** What came of a case, without what differs from run to run. */
export interface Seen {
  readonly commands: readonly SeenCommand[]
  readonly requests: readonly { readonly path: string; readonly body: unknown }[]
  readonly incident: { readonly errorType: string; readonly errorMessage: string } | null
  readonly reachedBoundary: string | null
  /** `until`: nothing had ended yet when the last recorded command was there. */
  readonly end: 'completed' | 'incident' | 'until'
}

export type SeenCommand =
  | { readonly rpc: 'CompleteJob'; readonly variables: unknown }
  | {
      readonly rpc: 'FailJob'
      readonly variables: unknown
      readonly errorMessage: string
      readonly retries: number
      readonly retryBackOff: number
    }
  | {
      readonly rpc: 'ThrowError'
      readonly variables: unknown
      readonly errorMessage: string
      readonly errorCode: string
    }

/** What is to be seen of a case for it to be as recorded. */
export function asRecorded(recorded: RecordedCase): Seen {
  const { commands, requests, incident, reachedBoundary = null, end } = recorded
  return {
    commands: commands.map((command) => seenCommand(command, recordedVariables(command.variables))),
    requests: requests.map(({ path, body }) => ({ path, body: exact(body) })),
    incident: incident === undefined ? null : seenIncident(incident),
    reachedBoundary,
    end: end === 'completed' || end === 'incident' ? end : 'until',
  }
}

/** What was recorded was cut where it was long: there is nothing to compare then. */
function recordedVariables(text: string): unknown {
  return text.includes('[TRUNCATED chars=') ? undefined : exact(text)
}

/** Runs the case on this Quarry until the instance has ended, or until its last command where it did not. */
export async function playCase(
  quarry: Pick<ProcessesUnderTest, 'processes' | 'deploy'>,
  recorded: RecordedCase,
): Promise<Seen> {
  // A model id of its own tells this case's requests from those of others; the stand-in leaves the suffix out.
  const suffix = `@${recorded.name}`
  const model = recorded.inputs['data.modelId']
  const inputs = { ...recorded.inputs }
  if (model !== undefined && !model.startsWith('=')) inputs['data.modelId'] = `${model}${suffix}`
  const { headers, retries, boundary = [], processVariables = {} } = recorded
  const bpmnProcessId = await quarry.deploy({ inputs, headers, retries, boundary })
  // Where the recorder served documents, this run's stand-in does.
  const variables = JSON.stringify(processVariables).replaceAll('http://127.0.0.1:4599', inject('simUrl'))
  const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables })
  const patient = recorded.end === 'until'
  const enough = (records: readonly EngineRecord[]) =>
    hasEnded(records) || (patient && commandsOf(records).length >= recorded.commands.length)
  const records = await recordsUntil(processInstanceKey, enough)
  return {
    commands: commandsOf(records),
    requests: await requestsOf(suffix),
    incident: incidentOf(records),
    reachedBoundary: boundaryOf(records),
    end: endOf(records),
  }
}

/** What the engine accepted for the instance's jobs, in order. */
function commandsOf(records: readonly EngineRecord[]): SeenCommand[] {
  return records.flatMap(({ valueType, intent, value }) => {
    const rpc = RPC_OF[intent]
    if (valueType !== 'JOB' || rpc === undefined) return []
    const { errorMessage, errorCode, retries, retryBackoff } = value as {
      errorMessage: string
      errorCode: string
      retries: number
      retryBackoff: number
    }
    const command = { rpc, errorMessage, errorCode, retries, retryBackOff: retryBackoff }
    return [seenCommand(command, value['variables'] ?? {})]
  })
}

const RPC_OF: Readonly<Record<string, RecordedCommand['rpc']>> = {
  COMPLETED: 'CompleteJob',
  FAILED: 'FailJob',
  ERROR_THROWN: 'ThrowError',
}

function seenCommand(
  command: Omit<RecordedCommand, 'variables' | 'retryBackOff'> & { retryBackOff?: string | number },
  variables: unknown,
): SeenCommand {
  const { rpc, errorMessage = '', errorCode = '', retries = 0, retryBackOff = 0 } = command
  if (rpc === 'CompleteJob') return { rpc, variables }
  const failure = { variables: normalisedTexts(variables), errorMessage: normalised(errorMessage) }
  return rpc === 'ThrowError'
    ? { rpc, errorCode, ...failure }
    : { rpc, retries, retryBackOff: Number(retryBackOff), ...failure }
}

function normalisedTexts(value: unknown): unknown {
  if (typeof value === 'string') return normalised(value)
  if (Array.isArray(value)) return value.map(normalisedTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalisedTexts(item)]))
}

function incidentOf(records: readonly EngineRecord[]): Seen['incident'] {
  const created = records.find(({ valueType, intent }) => valueType === 'INCIDENT' && intent === 'CREATED')
  return created === undefined
    ? null
    : seenIncident(created.value as unknown as NonNullable<Seen['incident']>)
}

function seenIncident({ errorType, errorMessage }: NonNullable<Seen['incident']>): Seen['incident'] {
  return { errorType, errorMessage: normalised(errorMessage) }
}

function boundaryOf(records: readonly EngineRecord[]): string | null {
  const reached = records.find(({ value }) => value['bpmnElementType'] === 'BOUNDARY_EVENT')
  return reached === undefined ? null : String(reached.value['elementId'])
}

function endOf(records: readonly EngineRecord[]): Seen['end'] {
  if (!hasEnded(records)) return 'until'
  return incidentOf(records) === null ? 'completed' : 'incident'
}

/** Parses a body or variables; an integer that JavaScript would round is a bigint. */
function exact(body: string): unknown {
  const reviver = (_: string, value: unknown, { source = '' }: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value
  return Reflect.apply(JSON.parse, JSON, [body, reviver])
}

async function requestsOf(suffix: string): Promise<Seen['requests']> {
  const response = await fetch(`${inject('simUrl')}/__sim/requests`)
  const logged = (await response.json()) as LoggedRequest[]
  const encoded = encodeURIComponent(suffix)
  return logged
    .filter(({ model }) => model.endsWith(suffix))
    .map(({ path, body }) => ({
      path: path.replace(encoded, '').replace(suffix, ''),
      body: exact(body ?? 'null'),
    }))
}
