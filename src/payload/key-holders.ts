// Which processes hold which payload keys, and what follows where one meets payloads that it cannot read. Keys go by their
// ids, which payloads carry anyway. Pure.

/** A role that puts payloads into Redis and takes them out. */
export type PayloadRole = 'adapter' | 'bedrock'

/** A running process and its payload keys. */
export interface KeyHolder {
  readonly name: string
  readonly roles: readonly PayloadRole[]
  /** AWS regions whose lanes it works on; null: all. */
  readonly regions: readonly string[] | null
  /** Ids of its keys: the first encrypts, all decrypt. Empty: it encrypts nothing. */
  readonly keys: readonly string[]
  /** Ids of keys that it lacks and has met payloads of. */
  readonly lacks: readonly string[]
  /** Whether it has keys and takes nothing that is not encrypted. Absent in versions that take all. */
  readonly strict?: boolean
  /** How many jobs it has set aside since it does not take what Redis holds of them, by why. Absent in versions that take all. */
  readonly refuses?: Readonly<Record<string, number>>
}

export interface KeyGap {
  /** Ids of keys that are lacking. */
  readonly lacking: ReadonlySet<string>
  /** Which process lacks them, and in which role it meets their payloads. */
  readonly self: string
  readonly role: PayloadRole
  /** The region of the lane that they are in; null where that does not matter. */
  readonly region: string | null
}

export interface GapJudgement {
  /** Others read these payloads: they are left to them. */
  readonly others: boolean
  /** More of them will come. */
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
