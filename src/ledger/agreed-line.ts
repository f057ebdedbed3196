// The line of the stock connector that an installation follows. All processes of an installation must decide a job by the same rules, so
// the first adapter that needs the line writes it to Redis, and it stays until an operator sets another. Each job carries the line under
// which it was accepted: processes without a connection to Zeebe need no other source.
import { FORMER_LINE, type Line, lineOfGateway } from '../job/line.ts'
import { makeService, type ServiceFault, type Wakeable } from '../time/service.ts'
import { type AgreedLine, agreedIn, type LineStore, type StoredLine } from './stored-line.ts'

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
  readonly store: LineStore
  /** Whether an earlier version of Quarry, which knew no line, has had jobs here. */
  readonly inUse: () => Promise<boolean>
  /** What the setting says. */
  readonly setting: Line | 'auto'
  /** Whether this process accepts jobs. Others only read what was agreed. */
  readonly accepts: boolean
  readonly onKnown: (agreed: AgreedLine) => void
  /** Called once for each line. */
  readonly onOther: (other: OtherLine) => void
  readonly onFault: (fault: ServiceFault) => void
}

const LOOK_AGAIN_MS = 1_000
const KEEP_EVERY_MS = 60_000

export function makeConnectorLine(parts: ConnectorLineParts): ConnectorLine {
  const { store, setting, accepts, onKnown } = parts
  let known: AgreedLine | null = null
  let gateway: string | null = null
  const tell = once(parts.onOther)
  const round = async (): Promise<number> => {
    const stored = await store.read()
    const mine = known ?? (await decide(parts, stored, gateway))
    if (mine === null) return LOOK_AGAIN_MS
    const agreed = agreedIn(stored)
    // A setting is written once: two processes with different settings would else write in turn for ever.
    const replaces = accepts && known === null && setting !== 'auto' && agreed?.line !== setting
    if (accepts) await keep(store, { mine, stored, replaces })
    if (known === null) onKnown(replaces && agreed !== null ? inPlaceOf(mine, agreed) : mine)
    known = mine
    if (!replaces && agreed !== null && agreed.line !== mine.line) tell({ ...agreed, of: 'installation' })
    if (setting === 'auto' && gateway !== null && lineOfGateway(gateway).line !== mine.line)
      tell({ ...ofGateway(gateway), of: 'gateway' })
    return KEEP_EVERY_MS
  }
  const service = makeService({
    name: 'keeping to one line of the connector',
    round,
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

/** Null if it cannot be known yet. */
async function decide(
  { store, setting, accepts, inUse }: ConnectorLineParts,
  stored: StoredLine,
  gateway: string | null,
): Promise<AgreedLine | null> {
  if (setting !== 'auto') return { line: setting, from: 'QUARRY_COMPATIBILITY' }
  if (typeof stored !== 'string') return stored
  if (stored === 'unread' || gateway === null || !accepts) return null
  const own = ofGateway(gateway)
  if (stored === 'refused') return { ...own, from: `${own.from}${REFUSED}` }
  await store.writeFirst((await inUse()) ? { line: FORMER_LINE, from: FROM_FORMER } : own)
  return agreedIn(await store.read())
}

async function keep(
  store: LineStore,
  {
    mine,
    stored,
    replaces,
  }: { readonly mine: AgreedLine; readonly stored: StoredLine; readonly replaces: boolean },
): Promise<void> {
  // Processes with that payload key keep it.
  if (stored === 'unread') return
  // Redis may have lost it.
  if (stored === 'none') return store.writeFirst(mine)
  const isOthers = typeof stored !== 'string' && stored.line !== mine.line
  await (isOthers && !replaces ? store.extend() : store.write(mine))
}

/** Calls for each line of the gateway and of the installation once. */
function once(call: (other: OtherLine) => void): (other: OtherLine) => void {
  const told = new Set<string>()
  return (other) => {
    const id = `${other.of} ${other.line}`
    if (told.has(id)) return
    told.add(id)
    call(other)
  }
}

function inPlaceOf({ line, from }: AgreedLine, before: AgreedLine): AgreedLine {
  return { line, from: `${from}, in place of ${before.line} (${before.from})` }
}

const REFUSED = ', as what Redis had was not to be trusted'
const FROM_FORMER =
  'an earlier version of Quarry, which followed it by default. To follow the gateway, set QUARRY_COMPATIBILITY to its line'

/** The line of a gateway, and its source for a person. */
export function ofGateway(version: string): AgreedLine {
  const { line, fit } = lineOfGateway(version)
  return { line, from: `gateway ${version}${FITS[fit]}` }
}

const FITS = {
  same: '',
  newer: ', which is newer than every line that this version of Quarry knows: the newest is followed',
  older: ', which is older than every line that Quarry knows: the oldest is followed',
  unreadable: ', whose version has an unknown form: the newest line is followed',
} as const
