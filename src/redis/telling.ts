// After a lost connection the client repeats each command whose reply is missing, and Redis may have executed it. A script that must not
// run twice recognises a repeated command by its name.
import { randomBytes } from 'node:crypto'

const PROCESS = randomBytes(6).toString('base64url')
let told = 0

/** A name for a command, unique over some minutes. */
export function newTelling(): string {
  told += 1
  return `${PROCESS}${told.toString(36)}`
}
