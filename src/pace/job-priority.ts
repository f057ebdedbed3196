// How urgent a job is, as its diagram says: task header `quarry.priority` or, without it, the variable of that name. Pure.
import { isJsonObject, type JsonValue, numberText } from '../job/json.ts'
import { taskHeader } from '../job/task-header.ts'

const HEADER = 'quarry.priority'

/** What the words stand for: times the weight of the job's tenant and process. */
const FACTORS: Readonly<Record<string, number>> = { low: 0.25, normal: 1, high: 4, urgent: 16 }
const HIGHEST_FACTOR = 1_000

export interface JobPriority {
  /** Times the weight of the job's tenant and process; more than 0, at most 1,000. */
  readonly factor: number
  /** Where a priority stands that says nothing: the job is a normal one then. */
  readonly unread: 'header' | 'variable' | null
}

/**
 * Reads the priority: `low`, `normal`, `high`, `urgent`, or the factor itself, more than 0 and at most 1,000.
 * @param customHeaders JSON text of the task headers.
 * @param own what the variable `quarry` holds.
 */
export function jobPriority(customHeaders: string, own: JsonValue | undefined): JobPriority {
  const header = taskHeader(customHeaders, HEADER)
  if (!isAbsent(header)) return read(header, 'header')
  const variable = isJsonObject(own) ? own['priority'] : undefined
  return isAbsent(variable) ? { factor: 1, unread: null } : read(variable, 'variable')
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
