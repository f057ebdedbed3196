// A lane whose tokens are its bound, with and without a caching rule, side by side: prompts that share 3,000 tokens.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LoggedRequest, type Sim, startSim } from '../../sim/sim.ts'
import { type LanesFile, makeLanesFile } from './lanes-file.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

/** The stand-in states the tokens of the whole prompt for models of this name. */
const [CACHED, PLAIN] = [
  'sized-100@eu.anthropic.claude-sonnet-4-6',
  'sized-100@eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
]
/** A thousand tokens a second: a call takes 3,000 of them, or 3 % of that where the rest is read from the cache. */
const QUOTA = { tokensPerMinute: 60_000, burstSeconds: 10 }
const JOBS = 30
const SHARED = 'You are a clerk of an insurance company, and answer briefly. '.repeat(200)

let [sim, lanes, quarry] = [] as unknown as [Sim, LanesFile, QuarryUnderTest]

beforeAll(async () => {
  const settings = { quotas: [QUOTA], latency: { kind: 'fixed', ms: 200 }, recordBodies: true } as const
  ;[sim, lanes] = await Promise.all([
    startSim({ settings }),
    makeLanesFile(
      `quotas: [${JSON.stringify(QUOTA)}]\ncaching:\n  - { model: "${PLAIN}", off: true }\n  - { model: "*anthropic*" }\n`,
    ),
  ])
  quarry = await startQuarry({
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
    AWS_ENDPOINT_URL_STS: sim.tlsUrl,
    AWS_CA_BUNDLE: sim.caFile,
    QUARRY_LANES_FILE: lanes.path,
  })
})
afterAll(async () => {
  await quarry?.stop()
  await Promise.all([sim?.stop(), lanes?.remove()])
})

async function calls(model: string): Promise<LoggedRequest[]> {
  const response = await fetch(`${sim.url}/__sim/requests`)
  return ((await response.json()) as LoggedRequest[]).filter((sent) => sent.model === model)
}

it('with a caching rule the lane does twice the jobs of the same lane without it, and is not throttled', async () => {
  const deploy = (model: string) => {
    const inputs = converseInputs(model, {
      'data.system': SHARED,
      'data.newMessage': '="Claim " + string(i)',
      'data.maxTokens': '50',
    })
    return quarry.deploy({ inputs, times: JOBS })
  }
  const [cached, plain] = await Promise.all([deploy(CACHED), deploy(PLAIN)])
  await quarry.processes.createInstance({ bpmnProcessId: plain, variables: '{}' })
  await quarry.run(cached)
  const [withRule, without] = [await calls(CACHED), await calls(PLAIN)]
  const done = (all: readonly LoggedRequest[]) => all.filter(({ status }) => status === 200)
  expect(done(withRule)).toHaveLength(JOBS)
  expect(done(without).length).toBeGreaterThan(0)
  expect(done(without).length).toBeLessThanOrEqual(JOBS / 2)
  expect([...withRule, ...without].filter(({ status }) => status === 429)).toEqual([])

  // The first call does not know what others share; one writes it, and all others read it.
  expect(withRule.filter(({ body }) => !body?.includes('cachePoint'))).toHaveLength(1)
  expect(withRule.filter(({ cacheWriteTokens = 0 }) => cacheWriteTokens > 0)).toHaveLength(1)
  expect(withRule.filter(({ cacheReadTokens = 0 }) => cacheReadTokens > 0)).toHaveLength(JOBS - 2)
  expect(without.filter(({ body }) => body?.includes('cachePoint'))).toEqual([])
})
