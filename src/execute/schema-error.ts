// The error of an answer that violates its schema. Pure.
import type { Violation } from '../bedrock/answer-schema.ts'
import { type ConnectorError, javaError, RUNTIME } from '../connector/connector-error.ts'

const MOST_SHOWN = 10

/** Has the paths and keywords of the violations, and nothing of the answer. */
export function schemaError(violations: readonly Violation[], turns: number): ConnectorError {
  const shown = violations.slice(0, MOST_SHOWN)
  const list = shown.map(
    ({ path, keyword, message }) => `${path === '' ? '/' : path} ${message} (${keyword})`,
  )
  const more = violations.length > shown.length ? ' and more' : ''
  const after = turns === 0 ? '' : ` after ${turns} ${turns === 1 ? 'turn' : 'turns'} to repair it`
  const message = `The answer violates data.schema${after}: ${list.join('; ')}${more}.`
  return {
    ...javaError(RUNTIME, message),
    code: 'schema_violated',
    shown: { violations: violations.map(({ path, keyword }) => ({ path, keyword })), repairTurns: turns },
  }
}
