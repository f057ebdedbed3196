// The diagrams of `examples/` on the real engine, through Quarry, against the stand-in. `examples/<name>.json` has what an instance starts with,
// how the stand-in is set, each request as it was sent, and the variables at the end; vitest's `-u` writes the last two anew.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../sim/settings.ts'
import { type Sim, startSim } from '../../sim/sim.ts'
import { exampleDiagram, examplePath, exampleRuns, readExample, startTools } from './example-process.ts'
import { type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

let sim: Sim
let quarry: QuarryUnderTest

beforeAll(async () => {
  sim = await startSim()
  quarry = await startQuarry({
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
    AWS_ENDPOINT_URL_STS: sim.tlsUrl,
    AWS_CA_BUNDLE: sim.caFile,
    ZEEBE_REST_ADDRESS: sim.url,
  })
})
afterAll(async () => {
  await quarry?.stop()
  await sim?.stop()
})

describe('the example', () => {
  it.each(exampleRuns())('%s sends and returns what is kept beside it', async (run) => {
    const [name = ''] = run.split('.')
    const { start, standIn } = await readExample(run)
    sim.configure({ ...DEFAULT_SETTINGS, ...standIn, recordBodies: true })
    await quarry.processes.deploy([
      { name: `${name}.bpmn`, content: await exampleDiagram(name, quarry.jobType) },
    ])
    const before = sim.requests().length
    const ended = quarry.run(name, start)
    if (name === 'tools') await useTools()
    const variables = await ended
    const requests = sim.requests().slice(before).map(sent)
    const seen = { requests, variables: without(variables, Object.keys(start)) }
    const kept = { start, standIn, ...JSON.parse(JSON.stringify(seen, constant)) }
    await expect(`${JSON.stringify(kept, null, 2)}\n`).toMatchFileSnapshot(examplePath(run))
  })
})

/** The first turn has a tool that a worker of its own does, the second one that a person does. */
async function useTools(): Promise<void> {
  const tools = startTools(quarry.jobType)
  try {
    expect(await tools.use('lookup-policy')).toMatchObject({ policy: 'P-7' })
    expect(await tools.use('approve')).toMatchObject({ amount: 350 })
  } finally {
    await tools.close()
  }
}

function sent({ path, headers = {}, body = '' }: ReturnType<Sim['requests']>[number]) {
  const own = Object.entries(headers).filter(([header]) => header.startsWith('x-amzn-bedrock-'))
  return {
    path: decodeURIComponent(path),
    ...(own.length === 0 ? {} : { headers: Object.fromEntries(own) }),
    body: JSON.parse(body),
  }
}

function without(variables: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const others = Object.entries(variables).filter(([name]) => !names.includes(name))
  return Object.fromEntries(others.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** Keys of the engine, ids of requests and times are others in each run. */
function constant(name: string, value: unknown): unknown {
  if (['processInstance', 'job'].includes(name)) return '2251799813685249'
  if (name === 'requestId') return '00000000-0000-0000-0000-000000000000'
  if (name === 'latencyMs') return 0
  if (name === 'documentId') return '00000000-0000-0000-0000-000000000000'
  if (name === 'contentHash' || name === 'processInstanceKey' || name === 'expiresAt') return `<${name}>`
  if (name === 'x-amzn-bedrock-request-metadata') return JSON.stringify(JSON.parse(String(value)), constant)
  return value
}
