// `createDocument(value)` of the connector's runtime (8.10): marks a value of which a document is to be made once the
// expression has its result. Creates nothing.
import { randomUUID } from 'node:crypto'
import { FeelContext } from '../value.ts'
import { type Builtins, builtin } from './builtin.ts'

/** The key under which a marked object carries its mark. */
export const MARK_KEY = 'connectorResultFunction'

/**
 * The function for one evaluation, and the mark of that evaluation: no expression can know it, so no answer of a model
 * can hold an object that passes for one.
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
