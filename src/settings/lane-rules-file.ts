// The lane rules in force: those of QUARRY_LANES_FILE, read again when it changes. The content is polled, since Kubernetes
// updates a ConfigMap by swapping a symbolic link, which file watchers miss.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Lane } from '../job/lane.ts'
import { type DefaultQuota, type GrantedQuota, grantedQuota } from '../rules/granted-quota.ts'
import type { LaneRules, QuotaRule } from '../rules/lane-rules.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'
import { SettingsError } from './load-settings.ts'
import { readLaneRules } from './read-lane-rules.ts'

interface LaneRulesParts {
  /** Undefined when there is no file: only the rules of the settings apply. */
  readonly path: string | undefined
  /** From the settings; they apply where no rule of the file fits. */
  readonly quotas: readonly QuotaRule[]
  readonly byDefault: DefaultQuota
  readonly events: Events
  /**
   * How often the file is looked at, ms. A change counts when two looks in a row see the same.
   * @default 500
   */
  readonly everyMs?: number
}

export interface LaneRulesInForce extends Service {
  current(): LaneRules
  /** The quota of a lane, without live changes. */
  quotaOf(lane: Lane): GrantedQuota
}

const NAME = 'following the file of lane rules'
const NO_RULES: LaneRules = { quotas: [], weights: [], routes: [], budgets: [] }
const EVERY_MS = 500
const EMPTY = 'it is empty. For no rules at all write: quotas: []'

/** @throws SettingsError when the file is wrong or cannot be read. */
export function makeLaneRules(parts: LaneRulesParts): LaneRulesInForce {
  const { path } = parts
  if (path === undefined) {
    const quotaOf = makeQuotaOf(parts, NO_RULES)
    return {
      name: NAME,
      current: () => NO_RULES,
      quotaOf,
      start: () => undefined,
      stop: async () => undefined,
    }
  }
  const first = lookNow(path)
  let { rules } = loadLaneRules(path, first)
  let quotaOf = makeQuotaOf(parts, rules)
  const follower = makeFollower(path, { first, rules }, parts, (changed) => {
    rules = changed
    quotaOf = makeQuotaOf(parts, rules)
  })
  return {
    ...follower,
    current: () => rules,
    quotaOf: (lane) => quotaOf(lane),
  }
}

/** Caches the quota of each lane: it is needed for each call, and there may be hundreds of rules. */
function makeQuotaOf(
  { quotas: settings, byDefault }: LaneRulesParts,
  { quotas: file, profiles, accounts }: LaneRules,
) {
  const known = new WeakMap<Lane, GrantedQuota>()
  return (lane: Lane): GrantedQuota => {
    const granted = known.get(lane) ?? grantedQuota(lane, { file, settings, byDefault, profiles, accounts })
    known.set(lane, granted)
    return granted
  }
}

/**
 * Reads the file once.
 * @throws SettingsError when it is wrong or cannot be read.
 */
export function loadLaneRules(path: string, look = lookNow(path)): { readonly rules: LaneRules } {
  const { rules, problems } = judge(path, look)
  if (rules === null) throw new SettingsError(problems.map((problem) => `QUARRY_LANES_FILE: ${problem}`))
  return { rules }
}

/** The text of the file, or why it cannot be read. */
type Look =
  | { readonly text: string; readonly unreadable: null }
  | { readonly text: null; readonly unreadable: string }

function lookNow(path: string): Look {
  try {
    return { text: readFileSync(path, 'utf8'), unreadable: null }
  } catch (error) {
    return unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): Look {
  const reason = error instanceof Error ? error.message : String(error)
  return { text: null, unreadable: `${path} cannot be read: ${reason}` }
}

function judge(path: string, { text, unreadable: why }: Look): ReturnType<typeof readLaneRules> {
  if (text === null) return { rules: null, problems: [why] }
  // An editor that saves a file may empty it for a moment. That must not drop all rules.
  if (text.trim() === '') return { rules: null, problems: [`${path}: ${EMPTY}`] }
  return readLaneRules({ path, text })
}

function tellLoaded(path: string, rules: LaneRules, events: Events): void {
  const { quotas, weights, routes, budgets } = rules
  events.emit('laneRulesLoaded', {
    path,
    quotas: quotas.length,
    weights: weights.length,
    routes: routes.length,
    budgets: budgets.length,
  })
}

/** Follows the file: takes its rules once it differs from `first`. Until then `rules` are in force. */
function makeFollower(
  path: string,
  { first, rules }: { readonly first: Look; readonly rules: LaneRules },
  { events, everyMs = EVERY_MS }: LaneRulesParts,
  take: (rules: LaneRules) => void,
): Service {
  let last = first
  let judged = first
  let told = false
  const look = async (stopping: AbortSignal): Promise<void> => {
    const seen = await readFile(path, 'utf8').then(
      (text): Look => ({ text, unreadable: null }),
      (error: unknown) => unreadable(path, error),
    )
    const settled = isSame(seen, last)
    last = seen
    if (stopping.aborted || !settled || isSame(seen, judged)) return
    judged = seen
    const { rules, problems } = judge(path, seen)
    if (rules === null) {
      events.emit('laneRulesRefused', { path, problems })
      return
    }
    take(rules)
    tellLoaded(path, rules, events)
  }
  return makeService({
    name: NAME,
    async round(stopping) {
      if (told) await look(stopping)
      else tellLoaded(path, rules, events)
      told = true
      return everyMs
    },
    onFault: (fault) => events.emit('fault', fault),
  })
}

function isSame(one: Look, other: Look): boolean {
  return one.text === other.text && one.unreadable === other.unreadable
}
