// `createDocument(value)` of the connector's runtime (8.10): marks a value. The document is created later, from the result of
// the expression.
import { randomUUID } from 'node:crypto'
import { FeelContext } from '../value.ts'
import { type Builtins, builtin } from './builtin.ts'

/** The key under which a marked object carries its mark. */
export const MARK_KEY = 'connectorResultFunction'

/**
 * The function for one evaluation, and its mark, which is random: an answer of a model cannot contain an object that looks
 * like a marked one.
 */
export function createDocumentFunction(): { readonly functions: Builtins; readonly mark: string } {
  const mark = `createDocument:${randomUUID()}`
  const createDocument = builtin(
    ['value'],
    (value = null) =>
      new FeelContext(
        new Map([
          [MARK_KEY, mark],
          ['value', value],
        ]),
      ),
  )
  return { functions: { createDocument: [createDocument] }, mark }
}
