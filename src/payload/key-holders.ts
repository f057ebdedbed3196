// Which processes have which payload keys, and what a process does with payloads that it cannot read. Keys are named by their ids, which
// payloads contain anyway. Pure.

/** A role that writes and reads payloads. */
export type PayloadRole = 'adapter' | 'bedrock'

/** A running process and its payload keys. */
export interface KeyHolder {
  readonly name: string
  readonly roles: readonly PayloadRole[]
  /** AWS regions whose lanes it serves; null for all. */
  readonly regions: readonly string[] | null
  /** Ids of its keys: the first encrypts, all decrypt. Empty: it encrypts nothing. */
  readonly keys: readonly string[]
  /** Ids of missing keys whose payloads it met. */
  readonly lacks: readonly string[]
  /** Whether it has keys and refuses unencrypted payloads. Absent in versions that accept all. */
  readonly strict?: boolean
  /** Number of jobs set aside because it refuses their payloads, by reason. Absent in versions that accept all. */
  readonly refuses?: Readonly<Record<string, number>>
}

export interface KeyGap {
  /** Ids of missing keys. */
  readonly lacking: ReadonlySet<string>
  /** The process that lacks them, and the role in which it met their payloads. */
  readonly self: string
  readonly role: PayloadRole
  /** The region of their lane; null if it does not matter. */
  readonly region: string | null
}

interface GapJudgement {
  /** Other processes can read these payloads, and get them. */
  readonly others: boolean
  /** More such payloads will come. */
  readonly goesOn: boolean
}

const WRITER: Readonly<Record<PayloadRole, PayloadRole>> = { adapter: 'bedrock', bedrock: 'adapter' }

export function judgeGap(
  { lacking, self, role, region }: KeyGap,
  holders: readonly KeyHolder[],
): GapJudgement {
  const serves = ({ regions }: KeyHolder) => region === null || regions === null || regions.includes(region)
  const able = holders.filter((each) => each.name !== self && each.roles.includes(role) && serves(each))
  const writers = holders.filter((each) => each.roles.includes(WRITER[role]))
  return {
    others: [...lacking].every((id) => able.some(({ keys }) => keys.includes(id))),
    goesOn: writers.some(({ keys: [first] }) => first !== undefined && lacking.has(first)),
  }
}
