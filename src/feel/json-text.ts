// `from json` and `to json`. Pure.
import { Duration, LocalDate, LocalDateTime, LocalTime, Period } from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import { parseJson } from '../job/json.ts'
import { fromJson } from './from-json.ts'
import { dateTimeText, hasRegion, timeText } from './temporal-text.ts'
import {
  Failure,
  FeelContext,
  FeelFunction,
  FeelRange,
  isList,
  type Result,
  type Temporal,
  type Value,
  ZonedTime,
} from './value.ts'
import { valueText } from './value-text.ts'

export function fromJsonText(text: string): Result {
  try {
    return fromJson(parseJson(firstValue(text)))
  } catch {
    return new Failure(() => `Failed to parse JSON from '${text}'`)
  }
}

/** The first object or list: Jackson ignores what follows it. Any other text is returned unchanged. */
function firstValue(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text
  let depth = 0
  // An unclosed string matches up to the end: otherwise each quote in it would start a new search, in quadratic time.
  for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\])*(?:"|$)|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    if (depth === 0) return text.slice(0, index + 1)
  }
  return text
}

/** Numbers keep their scale, dates and times are written in ISO 8601. */
export function toJsonText(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof BigDecimal) return value.toString()
  if (isList(value)) return `[${value.map(toJsonText).join(',')}]`
  if (value instanceof FeelContext) {
    const entries = [...value.variables].map(([key, item]) => `${JSON.stringify(key)}:${toJsonText(item)}`)
    return `{${entries.join(',')}}`
  }
  if (value instanceof FeelFunction || value instanceof FeelRange) return JSON.stringify(valueText(value))
  return JSON.stringify(isoText(value))
}

function isoText(value: Temporal): string {
  if (value instanceof LocalTime) return timeText(value)
  if (value instanceof ZonedTime) return timeText(value.time) + value.offset.id()
  if (value instanceof LocalDateTime) return dateTimeText(value)
  if (value instanceof LocalDate || value instanceof Period || value instanceof Duration)
    return value.toString()
  const zone = hasRegion(value) ? `[${value.zone().id()}]` : ''
  return dateTimeText(value.toLocalDateTime()) + value.offset().id() + zone
}
