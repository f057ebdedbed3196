// A Prometheus scrapes Quarry while it works on throttled lanes: the metrics are of the form that Prometheus wants, the
// dashboard shows something in every panel, and every alert can be evaluated.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dashboard } from '../../k8s/dashboard/dashboard.ts'
import { ALERTS, type LivePrometheus, startPrometheus } from '../deploy/live-prometheus.ts'
import { type PrometheusPrograms, prometheusPrograms } from '../deploy/tools/prometheus.ts'
import { runTool } from '../deploy/tools/run-tool.ts'
import { type LanesFile, makeLanesFile } from './lanes-file.ts'
import { environment, type QuarryProcess, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, makeProcessesUnderTest, type ProcessesUnderTest } from './quarry-under-test.ts'

/** With a price, so that calls cost something; the other two are throttled and refused, always. */
const MODELS = ['amazon.nova-lite-v1:0', 'throttle', 'validation'].map((name) => `${name}@${randomUUID()}`)
const RULES = `
quotas: [{ model: "*", requestsPerMinute: 600, tokensPerMinute: 200000, concurrency: 20 }]
budgets:
  - { name: money, period: day, usd: 0.000001, action: alert }
  - { name: tokens, period: day, tokens: 10, action: alert }
`
let programs: PrometheusPrograms | { readonly missing: string }
let lanes: LanesFile
let instances: ProcessesUnderTest
let diagrams: readonly string[]
let quarry: readonly QuarryProcess[] = []
let prometheus: LivePrometheus | undefined

beforeAll(async () => {
  programs = await prometheusPrograms()
  if ('missing' in programs) return
  lanes = await makeLanesFile(RULES)
  const env = environment({ QUARRY_LANES_FILE: lanes.path, QUARRY_SHUTDOWN_GRACE: 'PT1S' })
  instances = makeProcessesUnderTest(env)
  // Before the processes start, and again where it takes too long: a cold engine needs its time.
  await until('the diagrams are deployed', async () => {
    diagrams = await Promise.all(
      MODELS.map((model) =>
        instances.deploy({
          inputs: converseInputs(model),
          headers: { resultVariable: 'answer' },
          retries: '1',
        }),
      ),
    )
    return true
  })
  quarry = await Promise.all(
    ['adapter', 'bedrock', 'ops'].map((roles) => startQuarryProcess({ env, args: ['--roles', roles] })),
  )
  prometheus = await startPrometheus(
    programs.prometheus,
    quarry.map(({ url }) => new URL(url).host),
  )
})
afterAll(async () => {
  await prometheus?.stop()
  await Promise.all(quarry.map((process) => process.stop()))
  await instances?.close()
  await lanes?.remove()
})

/** Some jobs of each lane. */
async function work(): Promise<void> {
  await Promise.all(
    diagrams.flatMap((bpmnProcessId) =>
      [1, 2, 3].map(() => instances.processes.createInstance({ bpmnProcessId, variables: '{}' })),
    ),
  )
}

/** The dashboard's queries, as Grafana sends them for all lanes. */
function queries(): { readonly panel: string; readonly query: string }[] {
  const { panels } = dashboard() as {
    panels: readonly { title: string; targets?: readonly { expr: string }[] }[]
  }
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      query: expr.replaceAll('$__rate_interval', '5s').replaceAll(/\$(namespace|lane|region|model)\b/g, '.*'),
    })),
  )
}

describe('under a throttled load', () => {
  it('every query of the dashboard returns data', async (context) => {
    if (prometheus === undefined) return context.skip('missing' in programs ? programs.missing : '')
    const { query } = prometheus
    let empty = queries()
    expect(empty.length).toBeGreaterThan(50)
    const look = async () => {
      const found = await Promise.all(
        empty.map(async (one) => (await query(one.query)).some(Number.isFinite)),
      )
      empty = empty.filter((_, index) => !found[index])
    }
    await until('all queries return data', async () => {
      await work()
      await look()
      if (empty.length === 0) return true
      throw new Error(`Nothing yet: ${JSON.stringify(empty, null, 1)}`)
    })
  })

  it('every alert is evaluated, and one that is due fires', async (context) => {
    if (prometheus === undefined) return context.skip('missing' in programs ? programs.missing : '')
    const { alerts } = prometheus
    await until('all alerts were evaluated', async () =>
      (await alerts()).every(({ lastError }) => lastError !== 'unknown'),
    )
    const states = await alerts()
    const written = readFileSync(ALERTS, 'utf8').matchAll(/alert: (\w+)/g)
    expect(new Set(states.map(({ name }) => name))).toEqual(new Set([...written].map(([, name]) => name)))
    expect(states.filter(({ lastError }) => lastError !== '')).toEqual([])
    await until('the alert of the budgets fires', async () =>
      (await alerts()).some(({ name, state }) => name === 'QuarryBudgetUsedUp' && state === 'firing'),
    )
  })

  it('the slots that an autoscaler asks for are those of the lanes, added up', async (context) => {
    if (prometheus === undefined) return context.skip('missing' in programs ? programs.missing : '')
    const { query } = prometheus
    await until('lanes want slots', async () => {
      await work()
      return (await query('quarry_wanted_slots > 0')).length === 1
    })
    for (const added of ['quarry_wanted_slots', 'quarry_region_wanted_slots{region="eu-west-1"}']) {
      expect(await query(`sum(${added}) - sum(quarry_lane_wanted_slots)`)).toEqual([0])
    }
  })

  it('promtool finds nothing wrong with the metrics of any process', async (context) => {
    if ('missing' in programs) return context.skip(programs.missing)
    for (const process of quarry) {
      const { text } = await process.get('/metrics')
      // Names of others, which break the rules of naming.
      const own = text.replaceAll(/^(# (HELP|TYPE) )?(bullmq|camunda)_.*\n/gm, '')
      expect(own).toContain('quarry_build_info')
      const { code, stdout, stderr } = await runTool(programs.promtool, ['check', 'metrics'], { input: own })
      expect([code, stdout + stderr]).toEqual([0, ''])
    }
  })
})
