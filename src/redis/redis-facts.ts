// Facts about a Redis, and whether it is fit for jobs. Pure: texts in, judgement out.

/** One server that takes writes. */
export interface NodeFacts {
  /** `host:port`, for messages. */
  readonly address: string
  /** Null if it does not report it. */
  readonly version: string | null
  readonly role: string | null
  /** `maxmemory-policy`, null if it does not report it. */
  readonly evictionPolicy: string | null
  /** Whether it writes an append-only file; null if it does not report it. */
  readonly appendOnly: boolean | null
  /** Whether it saves snapshots by itself; null if CONFIG is forbidden. */
  readonly snapshots: boolean | null
}

export interface RedisFacts {
  readonly kind: 'standalone' | 'sentinel' | 'cluster'
  readonly nodes: readonly NodeFacts[]
}

export interface RedisJudgement {
  /** Why it must not be used: one sentence each, with what to do. */
  readonly refusals: readonly string[]
  /** What an operator should know, one sentence each. */
  readonly warnings: readonly string[]
}

/** A server's answers. Many managed services forbid `CONFIG`. */
export interface NodeAnswers {
  readonly address: string
  readonly info: string
  /** Of `CONFIG GET save`: null if that is forbidden. */
  readonly save: string | null
  /** Of `CONFIG GET maxmemory-policy`, if INFO does not contain it. */
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

/** Refuses a Redis that would lose jobs, and warns of one that may. */
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

/** Why a replica cannot be used now, though another server may soon take its place; null if all take writes. */
export function describeReplica({ kind, nodes }: RedisFacts): string | null {
  // With Sentinels or a Cluster the client finds the new master by itself.
  const replica = kind === 'standalone' ? nodes.find(({ role }) => role === 'slave') : undefined
  if (replica === undefined) return null
  return `Redis at ${replica.address} is a replica and takes no writes. Give the address of its master, or of the Sentinels (QUARRY_REDIS_SENTINELS) that know it.`
}

/** A short description for readiness and the log. */
export function describeRedis({ kind, nodes }: RedisFacts): string {
  const masters = kind === 'cluster' ? `, ${nodes.length} masters` : ''
  const { version, evictionPolicy, persistence } = sumUp({ kind, nodes })
  return `Redis ${version}${masters}, ${evictionPolicy}, persistence ${persistence}`
}

/** Facts of all servers, different answers joined by slashes: few enough for metric labels. */
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
