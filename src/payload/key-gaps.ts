// Payloads that this process cannot read, since it lacks their key. It leaves them to processes that have the key, and takes them up
// again when it gets the key, or when no other has it. A process without the key must not hold up work that others can do.

import { makeService, type Service } from '../time/service.ts'
import { judgeGap, type KeyGap, type KeyHolder } from './key-holders.ts'

/** A source of payloads: a lane, or the outbox. */
export interface GapPlace extends Pick<KeyGap, 'role' | 'region'> {
  /** Unique name. */
  readonly name: string
  /** Whether any of its unreadable payloads is still there. */
  remains(): Promise<boolean>
  /** Called when other processes that can read them appear or disappear. */
  onChange?(left: boolean): void
}

export interface KeyGaps extends Service {
  /** Reports a payload under a missing key. Resolves with whether it is left to others. */
  met(place: GapPlace, keyId: string): Promise<boolean>
  /** Whether a place is left to others for now. */
  isLeft(name: string): boolean
  /** Whether this process has no key, while others refuse unencrypted payloads. */
  unwelcome(): Promise<boolean>
  /** What cannot be read and what to do about it, for a person; null if nothing is missing. */
  trouble(): string | null
  /** Ids of missing keys. */
  lacking(): readonly string[]
}

interface KeyGapsParts {
  /** Name of this process. */
  readonly self: string
  readonly holders: () => Promise<readonly KeyHolder[]>
  /** Reads the keys again, if they may have changed. @returns their ids. */
  readonly refresh: () => readonly string[]
  /** Whether it has no key now. */
  readonly keyless: () => boolean
}

interface Gap {
  readonly place: GapPlace
  readonly lacking: Set<string>
  left: boolean
}

const LOOK_EVERY_MS = 5_000
const LEAVE_WITHIN_MS = 500

export function makeKeyGaps({ self, holders, refresh, keyless }: KeyGapsParts): KeyGaps {
  const gaps = new Map<string, Gap>()
  let strict: { readonly at: number; readonly others: Promise<boolean> } | undefined
  let isUnwelcome = false
  const unwelcome = async (): Promise<boolean> => {
    if (!keyless()) return false
    if (strict === undefined || performance.now() - strict.at > LOOK_EVERY_MS) {
      const others = holders().then((all) => all.some((each) => each.name !== self && each.strict === true))
      strict = { at: performance.now(), others }
    }
    isUnwelcome = await strict.others
    return isUnwelcome
  }
  const judge = async ({ place, lacking }: Gap) => judgeGap({ ...place, lacking, self }, await holders())
  const look = async (gap: Gap): Promise<void> => {
    const { place, lacking } = gap
    const there = refresh()
    const nothingLacks = [...lacking].every((id) => there.includes(id))
    const { others, goesOn } = nothingLacks ? { others: false, goesOn: false } : await judge(gap)
    const over = nothingLacks || (!goesOn && !(await place.remains()))
    if (over) gaps.delete(place.name)
    const left = others && !over
    if (left === gap.left && !over) return
    gap.left = left
    place.onChange?.(left || over)
  }
  const service = makeService({
    name: 'looking for payloads that it cannot read',
    async round() {
      // While Redis is unreachable no payloads come either, and the next look comes by itself.
      for (const gap of [...gaps.values()]) await look(gap).catch(() => undefined)
      return LOOK_EVERY_MS
    },
    onFault: () => undefined,
    firstAfterMs: LOOK_EVERY_MS,
    stopWithinMs: LEAVE_WITHIN_MS,
  })
  return {
    ...service,
    async met(place, keyId) {
      const gap = gaps.get(place.name) ?? { place, lacking: new Set(), left: false }
      gaps.set(place.name, gap)
      gap.lacking.add(keyId)
      const { others } = await judge(gap)
      if (others !== gap.left) {
        gap.left = others
        place.onChange?.(others)
      }
      return others
    },
    isLeft: (name) => gaps.get(name)?.left ?? false,
    unwelcome,
    trouble: () => describe([...gaps.values()]) ?? (isUnwelcome && keyless() ? UNWELCOME : null),
    lacking: () => lackingOf([...gaps.values()]),
  }
}

function lackingOf(gaps: readonly Gap[]): readonly string[] {
  return [...new Set(gaps.flatMap(({ lacking }) => [...lacking]))].sort()
}

const REMEDY =
  'Give all processes the same keys (QUARRY_PAYLOAD_KEY, or QUARRY_PAYLOAD_KEY_FILE) and restart those that lack one; `quarry doctor` shows which do.'

const UNWELCOME = `it has no payload key, and others take nothing from Redis that is not encrypted: it takes no jobs. ${REMEDY}`

function describe(gaps: readonly Gap[]): string | null {
  if (gaps.length === 0) return null
  const ids = lackingOf(gaps)
  const keys = `key${ids.length === 1 ? '' : 's'} ${ids.join(', ')}`
  const all = gaps.every(({ left }) => left)
  const what = all
    ? 'It takes nothing from where they are, as other processes have the key'
    : 'No other process that runs has the key for all of them, so they wait'
  return `it meets payloads under ${keys}, which this process does not have. ${what}. ${REMEDY}`
}
