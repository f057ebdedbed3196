// The tree's own rules: which folder may import which, and where each client library may be used.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const STAGES = ['activate', 'enqueue', 'execute', 'report']
const PURE = ['job', 'bedrock', 'connector', 'feel']

/** What each folder of src may import besides itself and `time`. A folder imports only those that stand before it. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  time: [],
  job: [],
  redis: ['job'],
  camunda: ['job'],
  aws: ['job'],
  feel: ['job'],
  bedrock: ['job'],
  connector: ['job', 'bedrock', 'feel'],
  documents: ['job', 'connector', 'camunda'],
  payload: ['job', 'redis'],
  aside: ['job', 'bedrock', 'connector', 'payload'],
  secrets: ['job', 'aside', 'connector', 'camunda', 'feel', 'payload'],
  rules: ['job'],
  ledger: ['job', 'redis'],
  telemetry: ['job', 'bedrock', 'ledger', 'payload'],
  settings: ['job', 'rules', 'telemetry'],
  lanes: ['job', 'redis', 'rules', 'telemetry'],
  budgets: ['job', 'redis', 'rules', 'ledger', 'telemetry'],
  accounts: ['job', 'aws', 'redis'],
  control: ['job', 'redis', 'rules', 'ledger', 'telemetry', 'lanes'],
  doctor: ['job', 'aws', 'redis', 'payload', 'ledger'],
  dashboard: ['job', 'redis', 'settings', 'lanes', 'control'],
  activate: ['job', 'camunda', 'telemetry'],
  enqueue: ['job', 'redis', 'ledger', 'lanes', 'payload', 'telemetry'],
  execute: [
    ...[
      'job',
      'bedrock',
      'aside',
      'aws',
      'connector',
      'documents',
      'redis',
      'secrets',
      'payload',
      'rules',
      'ledger',
    ],
    ...['telemetry', 'lanes', 'budgets', 'accounts'],
  ],
  report: ['job', 'camunda', 'ledger', 'payload', 'telemetry'],
}

/** Where a client library may be imported from. */
const CLIENTS: readonly { readonly library: RegExp; readonly folders: readonly string[] }[] = [
  { library: /^bullmq$/, folders: ['lanes'] },
  { library: /^ioredis$/, folders: ['redis'] },
  { library: /^@aws-sdk\/|^@smithy\//, folders: ['aws'] },
  { library: /^undici$/, folders: ['aws', 'camunda', 'documents', 'secrets'] },
  { library: /^@camunda8\/|^@grpc\//, folders: ['camunda'] },
  { library: /^(lezer-feel|@lezer\/|@js-joda\/|bigdecimal\.js)/, folders: ['feel'] },
  { library: /^(ipaddr\.js|content-disposition)$/, folders: ['documents'] },
  { library: /^yaml$/, folders: ['settings', 'cli'] },
  { library: /^zod$/, folders: ['settings', 'bedrock'] },
  { library: /^ajv/, folders: ['bedrock'] },
  { library: /^(prom-client|pino)/, folders: ['telemetry', 'control'] },
  { library: /^(hono|@hono\/)/, folders: ['telemetry', 'dashboard'] },
  { library: /^@bull-board\//, folders: ['dashboard'] },
  { library: /^@opentelemetry\//, folders: ['telemetry'] },
  { library: /^commander$/, folders: ['cli'] },
]

interface Import {
  readonly file: string
  readonly target: string
}

function sources(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+[^'"\n;]*?(?:\{[^}]*\}\s*)?(?:from\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
  )
  return [...found].map(([, from, dynamic]) => ({ file, target: from ?? dynamic ?? '' }))
}

/** `src/execute/x.ts` is of `execute`, `workers/x.ts` of `workers`. */
function folderOf(path: string): string {
  const [top = '', second = ''] = relative(ROOT, path).split('/')
  return top === 'src' ? second : top
}

const all = ['src', 'workers', 'sim', 'embedded'].flatMap(sources).flatMap(importsOf)
const relativeImports = all.filter(({ target }) => target.startsWith('.'))
const libraryImports = all.filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
const show = ({ file, target }: Import) => `${relative(ROOT, file)} imports ${target}`

describe('imports', () => {
  it('are found by this test', () => {
    expect(relativeImports.length).toBeGreaterThan(100)
    expect(libraryImports.length).toBeGreaterThan(20)
  })

  it('point one way', () => {
    const wrong = relativeImports.filter(({ file, target }) => {
      const from = folderOf(file)
      const to = folderOf(resolve(dirname(file), target))
      const allowed = MAY_IMPORT[from]
      return allowed !== undefined && from !== to && to !== 'time' && !allowed.includes(to)
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('can be read in an order: each folder imports those before it', () => {
    const order = Object.keys(MAY_IMPORT)
    const back = Object.entries(MAY_IMPORT).flatMap(([folder, allowed]) =>
      allowed
        .filter((other) => order.indexOf(other) >= order.indexOf(folder))
        .map((other) => `${folder} imports ${other}`),
    )
    expect(back).toEqual([])
  })

  it('allow no more than is used', () => {
    const used = new Set(
      relativeImports.map(
        ({ file, target }) => `${folderOf(file)} ${folderOf(resolve(dirname(file), target))}`,
      ),
    )
    const unused = Object.entries(MAY_IMPORT).flatMap(([folder, allowed]) =>
      allowed.filter((other) => !used.has(`${folder} ${other}`)).map((other) => `${folder} imports ${other}`),
    )
    expect(unused).toEqual([])
  })

  it('know every folder of src', () => {
    const folders = readdirSync(join(ROOT, 'src'))
    expect(folders.filter((folder) => folder !== 'cli').sort()).toEqual(Object.keys(MAY_IMPORT).sort())
  })

  it('never lead from one stage to another', () => {
    for (const stage of STAGES) {
      expect(MAY_IMPORT[stage]?.filter((folder) => STAGES.includes(folder))).toEqual([])
    }
  })

  it('keep each client library in its folders', () => {
    const wrong = libraryImports.filter(({ file, target }) => {
      if (!file.startsWith(join(ROOT, 'src'))) return false
      return CLIENTS.some(({ library, folders }) => library.test(target) && !folders.includes(folderOf(file)))
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('keep clients and the system out of the pure folders', () => {
    const forbidden =
      /^(bullmq|ioredis|@(?!lezer\/|js-joda\/)|prom-client|pino|hono|node:(fs|net|http|https|http2|child_process|timers|vm))/
    const evaluators =
      /^src\/feel\/(confined-process\.ts imports node:(child_process|fs)|child\.ts imports node:vm)$/
    const wrong = all.filter(({ file, target }) => PURE.includes(folderOf(file)) && forbidden.test(target))
    expect(wrong.map(show).filter((line) => !evaluators.test(line))).toEqual([])
  })

  it('keep the stand-in and the embedded parts free of Quarry’s own code', () => {
    const wrong = relativeImports.filter(({ file, target }) => {
      const from = folderOf(file)
      return (from === 'sim' || from === 'embedded') && folderOf(resolve(dirname(file), target)) !== from
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('make no circle, also among types', () => {
    const graph = new Map<string, string[]>()
    for (const { file, target } of relativeImports) {
      graph.set(file, [...(graph.get(file) ?? []), resolve(dirname(file), target)])
    }
    const done = new Set<string>()
    const circle = (file: string, path: readonly string[]): string[] | null => {
      if (path.includes(file))
        return [...path.slice(path.indexOf(file)), file].map((at) => relative(ROOT, at))
      if (done.has(file)) return null
      for (const next of graph.get(file) ?? []) {
        const found = circle(next, [...path, file])
        if (found !== null) return found
      }
      done.add(file)
      return null
    }
    expect([...graph.keys()].map((file) => circle(file, [])).find((found) => found !== null)).toBeUndefined()
  })
})

describe('loops that last as long as their process', () => {
  /** Waits that end by themselves, what lasts as long as a call, reads that block, and what watches over one connection or the terminal. */
  const OTHERS = [
    'src/aws/h2-connection.ts',
    'src/cli/demo/instances.ts',
    'src/cli/demo/live-display.ts',
    'src/cli/left-behind.ts',
    'src/lanes/first-calls.ts',
    'src/redis/read-streams.ts',
    'src/report/reporter.ts',
    'src/report/resolve-incidents.ts',
    'src/time/service.ts',
    'workers/role-life.ts',
    'workers/start-gate.ts',
  ]

  it('are services', () => {
    const loops = [...sources('src'), ...sources('workers')].filter((file) =>
      /while \(!?[\w.]+\.aborted|\bsetInterval\(/.test(readFileSync(file, 'utf8')),
    )
    expect(loops.map((file) => relative(ROOT, file)).sort()).toEqual(OTHERS)
  })
})

describe('files', () => {
  it('stay short enough to be read', () => {
    const long = [...sources('src'), ...sources('workers'), ...sources('sim'), ...sources('embedded')].filter(
      (file) =>
        readFileSync(file, 'utf8').trimEnd().split('\n').length > (folderOf(file) === 'workers' ? 130 : 400),
    )
    expect(long.map((file) => relative(ROOT, file))).toEqual([])
  })

  it('have a name that says what is in them', () => {
    const vague = [...sources('src'), ...sources('workers')].filter((file) =>
      /(^|\/)(utils?|helpers?|common|misc|types|index)\.ts$/.test(file),
    )
    expect(vague.map((file) => relative(ROOT, file))).toEqual([])
  })
})

describe('exported names', () => {
  it('have one meaning in all folders that see one another', () => {
    const foldersOf = new Map<string, Set<string>>()
    for (const file of sources('src').filter((each) => !each.includes('/page/'))) {
      const exports = readFileSync(file, 'utf8').matchAll(
        /^export (?:async )?(?:interface|type|class|function\*?|const) (\w+)/gm,
      )
      for (const [, name = ''] of exports) {
        foldersOf.set(name, (foldersOf.get(name) ?? new Set()).add(folderOf(file)))
      }
    }
    const sees = (folder: string, other: string) => MAY_IMPORT[folder]?.includes(other) === true
    const twice = [...foldersOf].filter(([, folders]) =>
      [...folders].some((folder) => [...folders].some((other) => sees(folder, other))),
    )
    expect(twice.map(([name]) => name)).toEqual([])
  })
})
