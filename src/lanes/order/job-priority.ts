// The priority that a diagram gives a job: task header `quarry.priority` or, without it, the field `priority` of variable `quarry`. Pure.
import { isJsonObject, type JsonValue, numberText } from '../../job/json.ts'
import { taskHeader } from '../../job/task-headers.ts'
import type { PriorityRule } from '../../rules/lane-rules.ts'
import { matches } from '../../rules/pattern.ts'

const HEADER = 'quarry.priority'

/** Factors of the words. A factor multiplies the weight of the job's process within its tenant. */
const FACTORS: Readonly<Record<string, number>> = { low: 0.25, normal: 1, high: 4, urgent: 16 }
const HIGHEST_FACTOR = 1_000

export interface JobPriority {
  /** Multiplies the weight of the job's process. Greater than 0, at most the operator's limit. */
  readonly factor: number
  /** Where an invalid priority was found; the job then has priority `normal`. */
  readonly unread: 'header' | 'variable' | null
}

export interface PriorityLimits {
  readonly most: number
  readonly fromVariables: boolean
}

/** Limits of a tenant's priorities, by the first matching rule. */
export function priorityLimits(rules: readonly PriorityRule[] = [], tenantId: string): PriorityLimits {
  const rule = rules.find(({ tenant }) => matches(tenant, tenantId))
  return { most: rule?.most ?? ANY.most, fromVariables: rule?.fromVariables ?? ANY.fromVariables }
}

const ANY: PriorityLimits = { most: HIGHEST_FACTOR, fromVariables: true }
const NORMAL: JobPriority = { factor: 1, unread: null }

/**
 * Reads the priority: `low`, `normal`, `high`, `urgent`, or a factor greater than 0 and at most 1,000.
 * @param customHeaders JSON text of the task headers.
 * @param own value of the variable `quarry`.
 */
export function jobPriority(
  customHeaders: string,
  own: JsonValue | undefined,
  { most, fromVariables }: PriorityLimits = ANY,
): JobPriority {
  const header = taskHeader(customHeaders, HEADER)
  const variable = isJsonObject(own) && fromVariables ? own['priority'] : undefined
  const given = isAbsent(header) ? variable : header
  const asked = isAbsent(given) ? NORMAL : read(given, isAbsent(header) ? 'variable' : 'header')
  return { ...asked, factor: Math.min(most, asked.factor) }
}

function isAbsent(value: JsonValue | undefined): value is undefined | null | '' {
  return value === undefined || value === null || value === ''
}

function read(value: JsonValue, from: 'header' | 'variable'): JobPriority {
  const text = (typeof value === 'string' ? value : (numberText(value) ?? '')).trim().toLowerCase()
  const factor = Object.hasOwn(FACTORS, text) ? FACTORS[text] : numberOf(text)
  return factor === undefined ? { factor: 1, unread: from } : { factor, unread: null }
}

function numberOf(text: string): number | undefined {
  if (!/^\d+(\.\d+)?(e[-+]?\d+)?$/.test(text)) return undefined
  const factor = Number(text)
  return factor > 0 && factor <= HIGHEST_FACTOR ? factor : undefined
}
