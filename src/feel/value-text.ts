// A value as FEEL writes it: in `string`, and in the messages of failures. Pure.
import { BigDecimal } from 'bigdecimal.js'
import { temporalText } from './temporal-text.ts'
import { FeelContext, FeelFunction, FeelRange, isList, type Value } from './value.ts'

/** Strings are quoted, at any depth. */
export function valueText(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `"${value}"`
  if (value instanceof BigDecimal) return value.toString()
  if (isList(value)) return `[${value.map(valueText).join(', ')}]`
  if (value instanceof FeelContext) {
    return `{${[...value.variables].map(([key, item]) => `${key}:${valueText(item)}`).join(', ')}}`
  }
  if (value instanceof FeelFunction) return `function(${value.parameters.join(', ')})`
  if (value instanceof FeelRange) {
    const { start, end } = value
    return `${start.closed ? '[' : '('}${valueText(start.value)}..${valueText(end.value)}${end.closed ? ']' : ')'}`
  }
  return temporalText(value)
}
