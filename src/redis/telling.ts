// A connection that breaks sends again each command whose reply was lost, and Redis may have carried it out. A script
// that must not do so twice knows a command by its name.
import { randomBytes } from 'node:crypto'

const PROCESS = randomBytes(6).toString('base64url')
let told = 0

/** A name for a command, unique among those of the last minutes. */
export function newTelling(): string {
  told += 1
  return `${PROCESS}${told.toString(36)}`
}
