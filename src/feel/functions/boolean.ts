// FEEL's boolean functions.
import { Failure } from '../value.ts'
import { type Builtins, builtin } from './builtin.ts'

export const booleanFunctions: Builtins = {
  not: [builtin(['negand'], (negand) => (typeof negand === 'boolean' ? !negand : null))],
  'is defined': [builtin(['value'], (value) => value !== null)],
  'get or else': [builtin(['value', 'default'], (value, otherwise) => value ?? otherwise)],
  // Its failure fails the whole evaluation, see invoke.ts.
  assert: [
    builtin(['value', 'condition'], (value, condition) =>
      condition === true ? value : new Failure('The condition is not fulfilled'),
    ),
    builtin(['value', 'condition', 'cause'], (value, condition, cause) => {
      if (condition === true) return value
      return typeof cause === 'string' ? new Failure(cause) : undefined
    }),
  ],
}
