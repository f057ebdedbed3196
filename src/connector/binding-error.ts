// What Jackson says of input it cannot bind, and how the connector runtime turns it into the failure a user sees
// (`JobHandlerContext`): three of its exceptions become a text with the field's path, the rest keep Jackson's own.
import { type ConnectorError, inputError, javaError, NULL_POINTER } from './connector-error.ts'

/** Where a value stands: property names from the outermost, null for a place in a list. */
export type BindingPath = readonly (string | null)[]

/** Thrown within the binding of one request and turned into a {@link ConnectorError} at its border. */
export class BindingError extends Error {
  override readonly name = 'BindingError'
  readonly failure: ConnectorError

  constructor(failure: ConnectorError) {
    super(failure.message)
    this.failure = failure
  }
}

/** Jackson's `MismatchedInputException` and the like: the message reaches the user as it is. */
export function mismatch(message: string): BindingError {
  return new BindingError(inputError(message))
}

/**
 * Jackson's `InvalidFormatException`: the user sees where, and the simple name of the wanted Java type; not the
 * latter (null) where it is an `InvalidTypeIdException`.
 */
export function invalidFormat(path: BindingPath, simpleName: string | null): BindingError {
  const [first, ...rest] = path
  if (first === undefined || first === null) {
    return mismatch('Unexpected Error, Further investigation is needed')
  }
  // A place in a list has no name, and the runtime joins names with String.concat.
  if (rest.includes(null)) {
    return new BindingError(javaError(NULL_POINTER, 'Cannot invoke "String.isEmpty()" because "str" is null'))
  }
  const wanted = simpleName === null ? '' : `. It Must be \`${simpleName}\``
  return mismatch(`Json object contains an invalid field: ${path.join(', ')}${wanted}`)
}

/** What Jackson says when a list with several entries stands where one value is wanted. */
export function severalValues(className: string, token: string): BindingError {
  return mismatch(
    `Unexpected token (${token}), expected END_ARRAY: Attempted to unwrap '${className}' value from an array (with \`DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS\`) but it contains more than one value`,
  )
}

/** What Jackson says of a value whose kind the Java type cannot be made from. */
export function wrongShape(className: string, shape: string, token: string): BindingError {
  return mismatch(
    `Cannot deserialize value of type \`${className}\` from ${shape} value (token \`JsonToken.${token}\`)`,
  )
}
