// The line of the stock connector that an installation follows. All processes of an installation must decide a job by the same rules, so
// the first adapter that needs the line writes it to Redis, and it stays until an operator sets another. Each job carries the line under
// which it was accepted: processes without a connection to Zeebe need no other source.
import { FORMER_LINE, LINES, type Line, lineOfGateway, NEWEST_LINE } from '../job/line.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { anyExists } from '../redis/together.ts'
import { makeService, type ServiceFault, type Wakeable } from '../time/service.ts'

/** What an installation has agreed on. */
export interface AgreedLine {
  readonly line: Line
  /** Where it comes from, for a person. */
  readonly from: string
}

/** A line that this process does not follow, though its gateway or other processes do. */
export interface OtherLine extends AgreedLine {
  readonly of: 'gateway' | 'installation'
}

export interface ConnectorLine extends Wakeable {
  /** The line of the jobs that this process accepts; null until it is known. It never changes afterwards. */
  current(): Line | null
  /** To be called with each version that the gateway gives. */
  saw(gatewayVersion: string): void
}

export interface ConnectorLineParts {
  readonly redis: RedisClient
  readonly keys: Keys
  /** What the setting says. */
  readonly setting: Line | 'auto'
  /** Whether this process accepts jobs. Others only read what was agreed. */
  readonly accepts: boolean
  readonly onKnown: (agreed: AgreedLine) => void
  /** Another line than that of this process was agreed on, or belongs to the gateway. Called once for each. */
  readonly onOther: (other: OtherLine) => void
  readonly onFault: (fault: ServiceFault) => void
}

const LOOK_AGAIN_MS = 1_000
const KEEP_EVERY_MS = 60_000
/** An installation that accepts nothing for longer takes the line of its gateway again. */
const LIVES_MS = 90 * 24 * 3_600_000

export function makeConnectorLine(parts: ConnectorLineParts): ConnectorLine {
  const { redis, keys, setting, accepts, onKnown, onOther } = parts
  let known: AgreedLine | null = null
  let gateway: string | null = null
  const told = new Set<string>()
  const tell = (other: OtherLine): void => {
    const id = `${other.of} ${other.line}`
    if (told.has(id)) return
    told.add(id)
    onOther(other)
  }
  const decide = async (agreed: AgreedLine | null): Promise<AgreedLine | null> => {
    if (setting !== 'auto') return { line: setting, from: FROM_SETTING }
    if (agreed !== null || gateway === null || !accepts) return agreed
    const inUse = await anyExists(redis, [keys.lanes, keys.answered])
    const first = inUse
      ? { line: FORMER_LINE, from: FROM_FORMER }
      : { line: lineOfGateway(gateway).line, from: fromGateway(gateway) }
    await redis.set(keys.line, JSON.stringify(first), 'PX', LIVES_MS, 'NX')
    return readAgreedLine(redis, keys)
  }
  const compare = (mine: AgreedLine, agreed: AgreedLine | null): void => {
    if (agreed !== null && agreed.line !== mine.line) tell({ ...agreed, of: 'installation' })
    if (setting !== 'auto' || gateway === null) return
    const { line } = lineOfGateway(gateway)
    if (line !== mine.line) tell({ line, of: 'gateway', from: fromGateway(gateway) })
  }
  // A setting is written once: two processes with different settings would else write in turn for ever.
  const replaces = (agreed: AgreedLine | null): boolean =>
    accepts && known === null && setting !== 'auto' && agreed?.line !== setting
  const keep = async (mine: AgreedLine, agreed: AgreedLine | null): Promise<void> => {
    const text = JSON.stringify(mine)
    if (replaces(agreed)) await redis.set(keys.line, text, 'PX', LIVES_MS)
    // Redis may have lost it.
    else if (agreed === null) await redis.set(keys.line, text, 'PX', LIVES_MS, 'NX')
    else await redis.pexpire(keys.line, LIVES_MS)
  }
  const service = makeService({
    name: 'keeping to one line of the connector',
    async round() {
      const agreed = await readAgreedLine(redis, keys)
      const mine = known ?? (await decide(agreed))
      if (mine === null) return LOOK_AGAIN_MS
      const isReplaced = replaces(agreed)
      if (accepts) await keep(mine, agreed)
      if (known === null) onKnown(isReplaced && agreed !== null ? inPlaceOf(mine, agreed) : mine)
      known = mine
      if (!isReplaced) compare(mine, agreed)
      return KEEP_EVERY_MS
    },
    onFault: parts.onFault,
    stopWithinMs: 0,
  })
  return {
    ...service,
    current: () => known?.line ?? null,
    saw(version) {
      const isNew = version !== gateway
      gateway = version
      if (isNew) service.wake()
    },
  }
}

function inPlaceOf({ line, from }: AgreedLine, before: AgreedLine): AgreedLine {
  return { line, from: `${from}, in place of ${before.line} (${before.from})` }
}

/** Null if none was agreed on. */
export async function readAgreedLine(redis: RedisClient, keys: Keys): Promise<AgreedLine | null> {
  const text = await redis.get(keys.line)
  if (text === null) return null
  const { line, from } = JSON.parse(text) as Record<string, unknown>
  // A newer version of Quarry may know further lines.
  return { line: LINES.find((one) => one === line) ?? NEWEST_LINE, from: String(from) }
}

const FROM_SETTING = 'QUARRY_COMPATIBILITY'
const FROM_FORMER =
  'an earlier version of Quarry, which followed it by default. To follow the gateway, set QUARRY_COMPATIBILITY to its line'

/** The source of a line that a gateway gives, for a person. */
export function fromGateway(version: string): string {
  const { fit } = lineOfGateway(version)
  return `gateway ${version}${FITS[fit]}`
}

const FITS = {
  same: '',
  newer: ', which is newer than every line that this version of Quarry knows: the newest is followed',
  older: ', which is older than every line that Quarry knows: the oldest is followed',
  unreadable: ', whose version has an unknown form: the newest line is followed',
} as const
