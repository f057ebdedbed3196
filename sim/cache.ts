// The prompt cache: prefixes of prompts, by account, region and model. A prefix ends at a cache point, has a minimum of tokens, and lives
// for five minutes or an hour after its last use. A call reads the longest prefix that is there when it arrives, and writes what is
// between that and its last cache point once its answer begins. Pure: the clock is an argument.
import { createHash } from 'node:crypto'
import type { Usage } from './answers.ts'
import { type PromptBlock, promptBlocks } from './converse/prompt.ts'

/** How many blocks before a cache point may end a prefix that was cached by another call. */
const LOOK_BACK_BLOCKS = 20
/** Bounds the memory of a long load test: the oldest prefixes are forgotten. */
const MOST_ENTRIES = 100_000
const LIVES_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 } as const

interface Prefix {
  name: string
  tokens: number
  ttl?: '5m' | '1h'
}

/** What one call reads and writes. */
export interface CacheUse {
  usage: Pick<Usage, 'inputTokens' | 'cacheReadInputTokens' | 'cacheWriteInputTokens' | 'cacheDetails'>
  /** Makes what the call writes readable for others. */
  store(now: number): void
}

/** All cached prefixes. */
export class PromptCache {
  readonly #entries = new Map<string, { ttl: '5m' | '1h'; expiresAt: number }>()

  /** Forgets everything. */
  reset(): void {
    this.#entries.clear()
  }

  /**
   * Looks a request's prompt up. `scope` names account, region and model.
   * @returns undefined when the request has no cache point.
   */
  use(scope: string, body: unknown, minimumTokens: () => number, now: number): CacheUse | undefined {
    const blocks = promptBlocks(body)
    if (!blocks.some(({ cachedFor }) => cachedFor !== undefined)) return undefined
    const fewest = minimumTokens()
    const prefixes = prefixesOf(scope, blocks)
    const points = prefixes.flatMap(({ ttl, tokens }, index) =>
      ttl !== undefined && tokens >= fewest ? [index] : [],
    )
    const found = this.#longest(prefixes, points, now)
    const read = found === undefined ? 0 : Math.ceil(prefixes[found]?.tokens ?? 0)
    const written = points.filter((index) => index > (found ?? -1)).map((index) => prefixes[index])
    const total = Math.ceil(prefixes.at(-1)?.tokens ?? 0)
    return {
      usage: statedUsage(total, read, written),
      store: (at) => {
        for (const prefix of written) {
          if (prefix?.ttl === undefined) continue
          this.#entries.set(prefix.name, { ttl: prefix.ttl, expiresAt: at + LIVES_MS[prefix.ttl] })
        }
        const [oldest] = this.#entries.keys()
        if (this.#entries.size > MOST_ENTRIES && oldest !== undefined) this.#entries.delete(oldest)
      },
    }
  }

  /** The index of the longest cached prefix, whose life begins anew. */
  #longest(prefixes: readonly Prefix[], points: readonly number[], now: number): number | undefined {
    for (const point of points.toReversed()) {
      for (let index = point; index >= Math.max(0, point - LOOK_BACK_BLOCKS); index -= 1) {
        const name = prefixes[index]?.name ?? ''
        const entry = this.#entries.get(name)
        if (entry !== undefined && entry.expiresAt > now) {
          entry.expiresAt = now + LIVES_MS[entry.ttl]
          return index
        }
        if (entry !== undefined) this.#entries.delete(name)
      }
    }
    return undefined
  }
}

/** The prefixes that end with each block; tokens are of the whole prefix. */
function prefixesOf(scope: string, blocks: readonly PromptBlock[]): Prefix[] {
  let name = scope
  let tokens = 0
  return blocks.map((block) => {
    name = createHash('sha256').update(name).update('\0').update(block.text()).digest('base64')
    tokens += block.tokens
    return { name, tokens, ...(block.cachedFor !== undefined && { ttl: block.cachedFor }) }
  })
}

function statedUsage(
  total: number,
  read: number,
  written: readonly (Prefix | undefined)[],
): CacheUse['usage'] {
  let from = read
  const byTtl = { '1h': 0, '5m': 0 }
  for (const prefix of written) {
    if (prefix?.ttl === undefined) continue
    byTtl[prefix.ttl] += Math.ceil(prefix.tokens) - from
    from = Math.ceil(prefix.tokens)
  }
  const cacheDetails = Object.entries(byTtl).flatMap(([ttl, inputTokens]) =>
    inputTokens > 0 ? [{ ttl, inputTokens }] : [],
  )
  return {
    inputTokens: total - from,
    cacheReadInputTokens: read,
    cacheWriteInputTokens: from - read,
    cacheDetails,
  }
}
