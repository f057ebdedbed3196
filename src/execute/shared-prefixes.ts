// The beginnings that the latest calls of each flow had, in this process. From them follows which part of a prompt is constant.
import type { Prefix } from '../bedrock/shared-prefix.ts'
import { keepLatest } from '../job/keep-latest.ts'

/** Flows that are remembered. */
const MOST_FLOWS = 2_000
/** Beginnings of a flow: a task may have a few prompts in turn. */
const MOST_HASHES = 16

export interface SharedPrefixes {
  /** The longest beginning of a call that an earlier call of its flow had, too; null if none. Remembers all of them. */
  longestKnown(flow: string, prefixes: readonly Prefix[]): Prefix | null
}

export function makeSharedPrefixes(): SharedPrefixes {
  const flows = new Map<string, Set<string>>()
  return {
    longestKnown(flow, prefixes) {
      const known = flows.get(flow) ?? new Set()
      const longest = prefixes.findLast(({ hash }) => known.has(hash)) ?? null
      // The latest are last; what is at the front is forgotten first.
      for (const { hash } of prefixes) {
        known.delete(hash)
        known.add(hash)
      }
      for (const hash of known) if (known.size > MOST_HASHES) known.delete(hash)
      keepLatest(flows, flow, known, MOST_FLOWS)
      return longest
    },
  }
}
