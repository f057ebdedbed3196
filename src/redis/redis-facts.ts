// What a Redis says of itself, and whether jobs may be entrusted to it. Pure: texts in, judgement out.

/** One server that takes writes. */
export interface NodeFacts {
  /** `host:port`, for messages. */
  readonly address: string
  /** As it says; null when it does not. */
  readonly version: string | null
  readonly role: string | null
  /** `maxmemory-policy`, null when it tells nobody. */
  readonly evictionPolicy: string | null
  /** Whether every write goes into an append-only file; null when it does not say. */
  readonly appendOnly: boolean | null
  /** Whether it saves snapshots by itself; null when it may not be asked. */
  readonly snapshots: boolean | null
}

export interface RedisFacts {
  readonly kind: 'standalone' | 'sentinel' | 'cluster'
  readonly nodes: readonly NodeFacts[]
}

export interface RedisJudgement {
  /** Why it must not be used: a sentence each, with what to do. */
  readonly refusals: readonly string[]
  /** What an operator should know. */
  readonly warnings: readonly string[]
}

/** What to read where, in the words of Redis. `CONFIG` is forbidden by many managed services. */
export interface NodeAnswers {
  readonly address: string
  readonly info: string
  /** Of `CONFIG GET save`: null where that is forbidden. */
  readonly save: string | null
  /** Of `CONFIG GET maxmemory-policy`, where INFO does not tell. */
  readonly evictionPolicy: string | null
}

export function readNodeFacts({ address, info, save, evictionPolicy }: NodeAnswers): NodeFacts {
  const fields = new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':')
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
    }),
  )
  const appendOnly = fields.get('aof_enabled')
  return {
    address,
    version: fields.get('redis_version') ?? null,
    role: fields.get('role') ?? null,
    evictionPolicy: fields.get('maxmemory_policy') ?? evictionPolicy,
    appendOnly: appendOnly === undefined ? null : appendOnly === '1',
    snapshots: save === null ? null : save !== '',
  }
}

const OLDEST = [6, 2] as const
const SAFE_POLICY = 'noeviction'

/** Refuses what would lose jobs, and warns of what may. */
export function judgeRedis({ nodes }: RedisFacts): RedisJudgement {
  const refusals = nodes.flatMap((node) => [...refusedPolicy(node), ...refusedVersion(node)])
  const untold = nodes.filter(({ evictionPolicy }) => evictionPolicy === null)
  const unsaved = nodes.filter(({ appendOnly, snapshots }) => appendOnly === false && snapshots === false)
  return {
    refusals,
    warnings: [
      ...(untold.length === 0
        ? []
        : [
            `Redis at ${addresses(untold)} does not tell its maxmemory-policy: make sure that it is ${SAFE_POLICY}, or jobs are evicted when memory is short.`,
          ]),
      ...(unsaved.length === 0
        ? []
        : [
            `Redis at ${addresses(unsaved)} keeps nothing on disk: jobs that wait are lost when it restarts, and come back from Zeebe only when their leases end. Turn on appendonly.`,
          ]),
    ],
  }
}

function refusedPolicy({ address, evictionPolicy }: NodeFacts): string[] {
  if (evictionPolicy === null || evictionPolicy === SAFE_POLICY) return []
  return [
    `Redis at ${address} has maxmemory-policy ${evictionPolicy}: it would evict jobs when memory is short. Set maxmemory-policy ${SAFE_POLICY} there (CONFIG SET maxmemory-policy ${SAFE_POLICY}, its configuration file, or the parameter group of a managed service), or use another Redis.`,
  ]
}

function refusedVersion({ address, version }: NodeFacts): string[] {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  if (version === null || major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return []
  return [`Redis at ${address} is version ${version}: Quarry needs ${OLDEST.join('.')} or later. Update it.`]
}

/** Why a server cannot be used now, though another may be in its place soon; null when it takes writes. */
export function describeReplica({ kind, nodes }: RedisFacts): string | null {
  // Sentinels and a Cluster lead to the new master by themselves.
  const replica = kind === 'standalone' ? nodes.find(({ role }) => role === 'slave') : undefined
  if (replica === undefined) return null
  return `Redis at ${replica.address} is a replica and takes no writes. Give the address of its master, or of the Sentinels (QUARRY_REDIS_SENTINELS) that know it.`
}

/** What is there, in a few words: for readiness and the log. */
export function describeRedis({ kind, nodes }: RedisFacts): string {
  const masters = kind === 'cluster' ? `, ${nodes.length} masters` : ''
  const { version, evictionPolicy, persistence } = sumUp({ kind, nodes })
  return `Redis ${version}${masters}, ${evictionPolicy}, persistence ${persistence}`
}

/** What the servers say, different answers with a slash between them: few enough for labels of a metric. */
export function sumUp({ nodes }: RedisFacts): {
  readonly version: string
  readonly evictionPolicy: string
  /** `aof`, `rdb`, `aof+rdb`, `none` or `unknown`. */
  readonly persistence: string
} {
  const different = (of: (node: NodeFacts) => string) => [...new Set(nodes.map(of))].sort().join('/')
  return {
    version: different(({ version }) => version ?? 'unknown'),
    evictionPolicy: different(({ evictionPolicy }) => evictionPolicy ?? 'unknown'),
    persistence: different(persistenceOf),
  }
}

function persistenceOf({ appendOnly, snapshots }: NodeFacts): string {
  const on = [...(appendOnly === true ? ['aof'] : []), ...(snapshots === true ? ['rdb'] : [])]
  if (on.length > 0) return on.join('+')
  return appendOnly === null || snapshots === null ? 'unknown' : 'none'
}

function addresses(nodes: readonly NodeFacts[]): string {
  return nodes.map(({ address }) => address).join(', ')
}
