// The recorded cases, each through real Zeebe, Redis and the AWS SDK (TLS, HTTP/2): what is compared is what the
// stand-in got and what the engine accepted.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { EngineRecord } from '../../embedded/zeebe/records.ts'
import type { LoggedRequest } from '../../sim/sim.ts'
import { hasEnded, type QuarryUnderTest, recordsUntil, startQuarry } from '../flow/quarry-under-test.ts'
import { normalised, type RecordedCase, recordedCases } from './recorded-cases.ts'

/** Not there yet, or different by choice; docs/compatibility.md has the reasons. */
const LEFT_OUT: readonly { readonly because: string; readonly which: (recorded: RecordedCase) => boolean }[] =
  [
    {
      because: 'error expressions come later',
      which: ({ headers }) => headers['errorExpression'] !== undefined,
    },
    { because: 'secrets come later', which: ({ name }) => name.startsWith('secrets-') },
    { because: 'documents come later', which: ({ name }) => name.startsWith('document-') },
    {
      because: 'a throttle is a deferral until QUARRY_MAX_WAIT',
      which: ({ name }) => name.startsWith('inject-throttle-invoke') || name === 'inject-throttle-retries3',
    },
    { because: 'a slow answer is waited for, and paid once', which: ({ name }) => name.startsWith('slow-') },
    {
      because: 'an answer larger than the gateway takes becomes an incident instead of a hang',
      which: ({ name }) => name.startsWith('large-response'),
    },
  ]
const cases = recordedCases.filter((recorded) => !LEFT_OUT.some(({ which }) => which(recorded)))

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry({ QUARRY_COMPATIBILITY: '8.8' })
})
afterAll(() => quarry.stop())

describe('the recorded connector and Quarry do the same', () => {
  it('in all cases of the first part of the contract', () => {
    const named = (start: string) => cases.filter(({ name }) => name.startsWith(start)).length
    expect([named('converse-'), named('invoke-'), named('result-')]).toEqual([16, 1, 13])
    expect(cases.length).toBeGreaterThan(95)
  })

  it.concurrent.each(cases)('$name', async (recorded) => {
    // A model id of its own tells this case's requests from those of others; the stand-in leaves the suffix out.
    const suffix = `@${recorded.name}`
    const model = recorded.inputs['data.modelId']
    const inputs = { ...recorded.inputs }
    if (model !== undefined && !model.startsWith('=')) inputs['data.modelId'] = `${model}${suffix}`
    const process = await quarry.deploy({ inputs, headers: recorded.headers, retries: recorded.retries })
    const variables = JSON.stringify(recorded.processVariables ?? {})
    const { processInstanceKey } = await quarry.processes.createInstance({
      bpmnProcessId: process,
      variables,
    })
    const expected = recorded.commands.map(({ rpc, ...command }) => asCompared(rpc, command))
    const records = await recordsUntil(
      processInstanceKey,
      (seen) => hasEnded(seen) || (commandsOf(seen).length >= expected.length && recorded.end === 'until'),
    )
    expect(commandsOf(records)).toEqual(expected)
    expect(await requestsOf(suffix)).toEqual(
      recorded.requests.map(({ path, body }) => ({ path, body: exact(body) })),
    )
  })
})

interface Compared {
  readonly rpc: string
  readonly variables: unknown
  readonly errorMessage?: string
  readonly retries?: number
  readonly retryBackOff?: number
}

function asCompared(
  rpc: string,
  command: { variables: string; errorMessage?: string; retries?: number; retryBackOff?: string | number },
): Compared {
  const variables = JSON.parse(normalised(command.variables).replaceAll('\n', '\\n'))
  if (rpc === 'CompleteJob') return { rpc, variables }
  return {
    rpc,
    variables: JSON.parse(JSON.stringify(variables), (_, value) =>
      typeof value === 'string' ? normalised(value) : value,
    ),
    errorMessage: normalised(command.errorMessage ?? ''),
    retries: command.retries ?? 0,
    retryBackOff: Number(command.retryBackOff ?? 0),
  }
}

/** What the engine accepted for the instance's jobs, in order. */
function commandsOf(records: readonly EngineRecord[]): Compared[] {
  return records.flatMap(({ valueType, intent, value }) => {
    if (valueType !== 'JOB') return []
    const variables = JSON.stringify(value['variables'] ?? {})
    if (intent === 'COMPLETED') return [asCompared('CompleteJob', { variables })]
    if (intent !== 'FAILED') return []
    const { errorMessage, retries, retryBackoff } = value as {
      errorMessage: string
      retries: number
      retryBackoff: number
    }
    return [asCompared('FailJob', { variables, errorMessage, retries, retryBackOff: retryBackoff })]
  })
}

/** Parses a body; an integer that JavaScript would round stays its text. */
function exact(body: string): unknown {
  const reviver = (_: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value
  return Reflect.apply(JSON.parse, JSON, [body, reviver])
}

async function requestsOf(suffix: string): Promise<{ path: string; body: unknown }[]> {
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
