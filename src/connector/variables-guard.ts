// The size limit of the variables that end a job (`InlineSizeGuard`, contract 3.4). Pure.
import type { Compatibility } from './compatibility.ts'
import { type ConnectorError, inputError } from './connector-error.ts'

const MAX_VARIABLES_BYTES = 1_572_864

/** Why variables, given as JSON text, are too large for Zeebe; null when they are not. */
export function tooLarge(variables: string, compatibility: Compatibility): ConnectorError | null {
  // Runtime 8.8.7 was recorded to send any size; the guard came with a later 8.8 and is in every 8.9.
  const bytes = compatibility === '8.8' ? 0 : Buffer.byteLength(variables)
  if (bytes <= MAX_VARIABLES_BYTES) return null
  return inputError(
    `Output variables payload (${bytes} bytes) exceeds the 1.5 MB safe variable size limit for Zeebe job completion. To handle large payloads, enable the 'Create document' option where available.`,
  )
}
