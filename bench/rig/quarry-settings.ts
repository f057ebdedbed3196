// The settings that a run gives to Quarry: Redis, a prefix of the run's own, and a file of lanes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { RedisPart } from '../../embedded/parts.ts'

/** The form of `docs/settings.md`. */
export interface LanesFile {
  readonly quotas?: readonly {
    readonly region?: string
    readonly model?: string
    readonly requestsPerMinute?: number
    readonly tokensPerMinute?: number
  }[]
  readonly weights?: readonly { readonly process: string; readonly weight: number }[]
  readonly routes?: readonly {
    readonly model: string
    readonly region: string
    readonly spillAfter: string
    readonly to: readonly { readonly region: string }[]
  }[]
}

export interface QuarrySettings {
  readonly env: Readonly<Record<string, string>>
  /** Replaces the lanes file, which Quarry follows. */
  tell(lanes: LanesFile): Promise<void>
}

/** Runs `work` with these settings, and removes the lanes file afterwards. */
export async function withQuarrySettings<Result>(
  { id, redis, lanes }: { readonly id: string; readonly redis: RedisPart; readonly lanes: LanesFile },
  work: (settings: QuarrySettings) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-bench-'))
  const file = join(folder, 'lanes.yaml')
  const tell = (next: LanesFile) => writeFile(file, stringify(next))
  try {
    await tell(lanes)
    const env = { REDIS_URL: redis.url, QUARRY_REDIS_PREFIX: `bench-${id}`, QUARRY_LANES_FILE: file }
    return await work({ env, tell })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
