// Jackson's errors for input that it cannot bind, and how the connector runtime turns them into the failure that a user sees
// (`JobHandlerContext`): three exceptions become a text with the field's path, the others keep Jackson's message.
import { type ConnectorError, inputError, javaError, NULL_POINTER } from './connector-error.ts'

/** Where a value is: property names from the outermost, null for an index of a list. */
export type BindingPath = readonly (string | null)[]

/** Thrown while one request is bound, and turned into a {@link ConnectorError} at the end of the binding. */
export class BindingError extends Error {
  override readonly name = 'BindingError'
  readonly failure: ConnectorError

  constructor(failure: ConnectorError) {
    super(failure.message)
    this.failure = failure
  }
}

/** Jackson's `MismatchedInputException` and the like: the user sees the message as it is. */
export function mismatch(message: string): BindingError {
  return new BindingError(inputError(message))
}

/**
 * Jackson's `InvalidFormatException`: the user sees the path, and the simple name of the Java type; not the type (null) for an
 * `InvalidTypeIdException`.
 */
export function invalidFormat(path: BindingPath, simpleName: string | null): BindingError {
  const [first, ...rest] = path
  if (first === undefined || first === null) {
    return mismatch('Unexpected Error, Further investigation is needed')
  }
  // An index of a list has no name, and the runtime joins names with String.concat.
  if (rest.includes(null)) {
    return new BindingError(javaError(NULL_POINTER, 'Cannot invoke "String.isEmpty()" because "str" is null'))
  }
  const wanted = simpleName === null ? '' : `. It Must be \`${simpleName}\``
  return mismatch(`Json object contains an invalid field: ${path.join(', ')}${wanted}`)
}

/** Jackson's error for a list of several where a single value is wanted. */
export function severalValues(className: string, token: string): BindingError {
  return mismatch(
    `Unexpected token (${token}), expected END_ARRAY: Attempted to unwrap '${className}' value from an array (with \`DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS\`) but it contains more than one value`,
  )
}

/** Jackson's error for a value that the Java type cannot be made from. */
export function wrongShape(className: string, shape: string, token: string): BindingError {
  return mismatch(
    `Cannot deserialize value of type \`${className}\` from ${shape} value (token \`JsonToken.${token}\`)`,
  )
}
