// The line of the stock connector: which one jobs are accepted under, and which one a job has. Wiring only.
import { FORMER_LINE, type Line } from '../src/job/line.ts'
import { type ConnectorLine, makeConnectorLine } from '../src/ledger/agreed-line.ts'
import { type LineSeal, makeLineStore } from '../src/ledger/stored-line.ts'
import { type PayloadCodec, PayloadError } from '../src/payload/payload-codec.ts'
import type { RedisClient } from '../src/redis/connect.ts'
import type { Keys } from '../src/redis/keys.ts'
import { anyExists } from '../src/redis/together.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { Events } from '../src/telemetry/events.ts'

export function connectorLine({
  settings,
  redis,
  keys,
  events,
  codec,
}: {
  readonly settings: Settings
  readonly redis: RedisClient
  readonly keys: Keys
  readonly events: Events
  readonly codec: PayloadCodec
}): ConnectorLine {
  return makeConnectorLine({
    store: makeLineStore(redis, keys, lineSeal(codec)),
    inUse: () => anyExists(redis, [keys.lanes, keys.answered]),
    setting: settings.compatibility,
    accepts: settings.roles.includes('adapter'),
    onKnown: (agreed) => events.emit('lineKnown', agreed),
    onOther: (other) => events.emit('lineOther', other),
    onFault: (fault) => events.emit('fault', fault),
  })
}

const ABOUT = 'connector-line'

export function lineSeal(codec: Pick<PayloadCodec, 'encode' | 'decode'>): LineSeal {
  return {
    close: (text) => codec.encode(text, ABOUT, 'line'),
    open(stored) {
      try {
        return { text: codec.decode(stored, ABOUT, 'line') }
      } catch (error) {
        if (!(error instanceof PayloadError)) throw error
        return error.code === 'unknownKey' ? 'unread' : 'refused'
      }
    },
  }
}

/** The line by which a job is read and answered: the one under which it was accepted, whatever is followed now. */
export function lineOfJob({ compatibility }: Settings, { line }: { readonly line?: Line }): Line {
  return line ?? (compatibility === 'auto' ? FORMER_LINE : compatibility)
}

/**
 * The line of jobs that are accepted now.
 * @throws TypeError before it is known; an adapter takes no jobs until then.
 */
export function lineNow({ line }: { readonly line: ConnectorLine }): Line {
  const current = line.current()
  if (current === null) throw new TypeError('A job was taken before the line of the connector was known')
  return current
}

/** Makes one for each line, when it is first needed. */
export function byLine<Made>(make: (line: Line) => Made): (line: Line) => Made {
  const made = new Map<Line, Made>()
  return (line) => {
    const one = made.get(line) ?? make(line)
    made.set(line, one)
    return one
  }
}
