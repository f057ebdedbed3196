// The lane rules in force: those of QUARRY_LANES_FILE, read again when it changes. Its content is looked at, not its place:
// Kubernetes swaps a ConfigMap by a symbolic link, which no watcher of files tells reliably.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Lane } from '../job/lane.ts'
import { type DefaultQuota, type GrantedQuota, grantedQuota } from '../rules/granted-quota.ts'
import type { LaneRules, QuotaRule } from '../rules/lane-rules.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'
import { SettingsError } from './load-settings.ts'
import { readLaneRules } from './read-lane-rules.ts'

export interface LaneRulesParts {
  /** Undefined: there is no file, and there are no rules but those of the settings. */
  readonly path: string | undefined
  /** Of the settings: they count where no rule of the file fits. */
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
  /** What a lane may send, live changes aside. */
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

/** It is asked for each call, and there may be hundreds of rules: what was found out of a lane is kept. */
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

/** What a look at the file saw: its text, or why there is none. */
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
  // So a file is while an editor saves it; whoever had rules does not mean that there are none.
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

/** Takes what the file holds once it differs from `first`, and tells of `rules`, which are in force as it begins. */
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
