// docs/metrics.md and the code say the same of each metric.
import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { addSharedGauges } from '../../src/control/shared-gauges.ts'
import { countCost } from '../../src/telemetry/budget-metrics.ts'
import { countConnector } from '../../src/telemetry/connector-metrics.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { makeMetrics, showPayloads } from '../../src/telemetry/metrics.ts'

/** A metric as the page and the code describe it. */
interface Described {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly help: string
}

const PAGE = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
/** prom-client finds these out from Linux. */
const LINUX_ONLY = /^process_(open_fds|max_fds|virtual_memory_bytes|heap_bytes|resident_memory_bytes)$/

function onPage(servedByOps: boolean): Described[] {
  const sections = PAGE.split(/^## /m).filter((section) => /^Served by: /m.test(section))
  return sections
    .filter((section) => /^Served by: ops\./m.test(section) === servedByOps)
    .flatMap((section) => [...section.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \| [^|]*\|$/gm)])
    .map(([, name = '', type = '', labels = '', help = '']) => {
      return { name, type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label), help }
    })
}

/** The kind of a metric and its labels are known to it alone, until it has samples. */
async function inCode(registry: Registry): Promise<Described[]> {
  const described = await registry.getMetricsAsJSON()
  return described.map(({ name, help, type }) => {
    const labels: unknown = Reflect.get(registry.getSingleMetric(name) ?? {}, 'labelNames')
    return { name, help, type: String(type), labels: (labels as string[]).filter((label) => label !== 'le') }
  })
}

function ownRegistry(): Registry {
  const events = makeEvents()
  const registry = makeMetrics(events, '1.2.3')
  countCost(events, registry, () => null)
  countConnector(events, registry, 'io.camunda:aws-bedrock:1')
  showPayloads(registry, { encrypts: true })
  return registry
}

function sharedRegistry(): Registry {
  const registry = new Registry()
  const away = () => Promise.reject(new Error('Redis is away'))
  const sources = { figures: away, usage: away, queueOf: String, capacity: () => 0, available: () => false }
  addSharedGauges(registry, sources)
  return registry
}

const byName = (some: readonly Described[]): Described[] =>
  some
    .filter(({ name }) => process.platform === 'linux' || !LINUX_ONLY.test(name))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))

describe('docs/metrics.md', () => {
  it.each([
    ['each process serves', false, ownRegistry],
    ['ops serves for all', true, sharedRegistry],
  ] as const)('lists what %s, with type, labels and meaning', async (_, servedByOps, registry) => {
    const code = await inCode(registry())
    expect(code.length).toBeGreaterThan(20)
    expect(byName(onPage(servedByOps))).toEqual(byName(code))
  })

  it('tells for each metric what to look at', () => {
    const rows = [...PAGE.matchAll(/^\| `(?:quarry|bullmq|camunda)_\w+` \|.*\| ([^|]*) \|$/gm)]
    expect(rows.length).toBeGreaterThan(60)
    for (const [row, look = ''] of rows) expect([row, look.length > 10]).toEqual([row, true])
  })
})

describe('names', () => {
  it('follow Prometheus: one prefix, base units, and _total for what only grows', async () => {
    for (const { name, type } of [...(await inCode(ownRegistry())), ...(await inCode(sharedRegistry()))]) {
      expect(name).toMatch(/^(quarry|bullmq|camunda|process|nodejs)_[a-z0-9_]+$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      if (name.startsWith('quarry_')) expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|percent)$/)
    }
  })
})
