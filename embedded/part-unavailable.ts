// The error that tells a person how to get a missing part. Words only.

/** A way that was tried and will not do. */
export interface Missing {
  readonly way: string
  readonly why: string
}

/** What the error tells. */
export interface Unavailable {
  readonly part: string
  readonly addressNames: readonly string[]
  readonly missing: readonly Missing[]
  /** The value of `QUARRY_PARTS`. */
  readonly forced?: string | undefined
  readonly cause?: unknown
}

/** Thrown when a part can be had in none of the ways: says which part, why, and the three ways to provide it. */
export class PartUnavailableError extends Error {
  override readonly name = 'PartUnavailableError'
  readonly code = 'PART_UNAVAILABLE'

  constructor(options: Unavailable) {
    const { part, addressNames, missing, forced, cause } = options
    const tried = missing.map(({ way, why }) => `  - ${way}: ${why}`)
    const forcedLine = forced === undefined ? [] : [`QUARRY_PARTS=${forced} leaves the other way out.`]
    super(
      [
        `${part} is not there and could not be started:`,
        ...tried,
        ...forcedLine,
        'Provide it in one of three ways:',
        '  1. Install a JDK 21 or later and Maven, and it is downloaded and started here.',
        '  2. Start Docker, and it runs in a container.',
        `  3. Start it yourself and put its address into ${addressNames[0]}.`,
      ].join('\n'),
      { cause },
    )
  }
}
