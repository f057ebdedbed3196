// Decides how a part (the engine, Redis) is provided. Pure: the caller passes the probes.
import { type Missing, PartUnavailableError } from './part-unavailable.ts'

/** What to choose from. A probe returns what its way needs, or the reason why it will not do as a string. */
export interface Choice<E> {
  /** For people: "Zeebe", "Redis". */
  readonly part: string
  /** The names of the environment variables that may hold the part's address, the first one wins. */
  readonly addressNames: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly embedded: () => Promise<E | string>
  readonly docker: () => Promise<true | string>
}

/** The way chosen. */
export type Way<E> =
  | { readonly origin: 'address'; readonly address: string }
  | { readonly origin: 'embedded'; readonly needs: E }
  | { readonly origin: 'docker' }

/**
 * Chooses an address from the environment first, then the embedded part, then Docker. `QUARRY_PARTS=embedded` or
 * `docker` leaves the other of these two out; an address always wins.
 * @throws PartUnavailableError when none will do, TypeError when `QUARRY_PARTS` is neither.
 */
export async function choose<E extends object>(choice: Choice<E>): Promise<Way<E>> {
  const { part, addressNames, env } = choice
  const forced = readForced(env['QUARRY_PARTS'])
  const address = addressNames.map((name) => env[name]).find((value) => value !== undefined && value !== '')
  if (address !== undefined) return { origin: 'address', address }
  const missing: Missing[] = []
  if (forced !== 'docker') {
    const needs = await choice.embedded()
    if (typeof needs !== 'string') return { origin: 'embedded', needs }
    missing.push({ way: 'Embedded', why: needs })
  }
  if (forced !== 'embedded') {
    const docker = await choice.docker()
    if (docker === true) return { origin: 'docker' }
    missing.push({ way: 'Docker', why: docker })
  }
  throw new PartUnavailableError({ part, addressNames, missing, forced })
}

function readForced(value: string | undefined): 'embedded' | 'docker' | undefined {
  if (value === undefined || value === '') return undefined
  if (value === 'embedded' || value === 'docker') return value
  throw new TypeError(`QUARRY_PARTS is "${value}". Set it to "embedded" or "docker", or leave it out.`)
}
