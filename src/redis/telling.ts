// A connection that breaks sends again each command whose reply was lost, and Redis may have carried it out. A script
// that must not do so twice knows a command by its name.
import { randomBytes } from 'node:crypto'

/** A name for a command, unique among those of the last minutes. */
export function newTelling(): string {
  return randomBytes(6).toString('base64url')
}
