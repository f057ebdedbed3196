// What an operator should know about the setup of a process, logged once at its start.
import type { Logger } from 'pino'
import type { Line } from '../src/job/line.ts'
import type { PayloadCodec } from '../src/payload/payload-codec.ts'
import { plainWires } from '../src/settings/plain-wires.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { Events } from '../src/telemetry/events.ts'
import type { RefusedCounts } from '../src/telemetry/refused-payloads.ts'
import { filterMode, type Notice, secretNotices } from './secret-rules.ts'

const READABLE = {
  warning:
    'Prompts, answers and the credentials in diagrams are as readable in Redis as in Zeebe, and whoever can write to Redis decides what is called and reported: set QUARRY_PAYLOAD_KEY or QUARRY_PAYLOAD_KEY_FILE to encrypt them.',
}
/** The same for `/health`. @param refused - undefined if the process puts no payloads into Redis. */
export function safetyOf(
  settings: Settings,
  line: Line | null,
  refused: RefusedCounts | undefined,
): Readonly<Record<string, unknown>> {
  const plaintext = plainWires(settings).map(({ wire }) => wire)
  if (refused === undefined) return { plaintext }
  const { payloadPlaintext, payloadOldFormat } = settings
  const ofLine = line === null ? {} : { connectorLine: line, secretFilter: filterMode(settings, line) }
  return { plaintext, ...ofLine, payloadPlaintext, payloadOldFormat, payloadsRefused: refused }
}

/** Settings that are meant for a change-over only. */
function payloadNotices({
  payloadKey,
  payloadKeyFile,
  payloadPlaintext,
  payloadOldFormat,
}: Settings): Notice[] {
  const notices: Notice[] = []
  const warn = (message: string) => notices.push({ level: 'warn', message })
  if ((payloadKey ?? payloadKeyFile) !== undefined && payloadPlaintext === 'accept')
    warn(
      'whoever can write to Redis decides what is called and reported, because QUARRY_PAYLOAD_PLAINTEXT is accept: remove it once quarry_payloads_old_total no longer rises',
    )
  if (payloadOldFormat === 'write')
    warn(
      'payloads are not bound to their purpose, and results may contain marks for secrets without proof, because QUARRY_PAYLOAD_OLD_FORMAT is write: remove it once no process of an earlier version runs',
    )
  return notices
}

/**
 * What the settings mean for who can read what; `quarry doctor` shows it too.
 * @param line - the line that is followed; null leaves out what depends on it.
 */
export function securityNotices(settings: Settings, line: Line | null): readonly Notice[] {
  const wires = plainWires(settings).map(({ wire, message }): Notice => {
    const isMeant = settings.allowPlaintext.includes(wire)
    const end = isMeant
      ? '; QUARRY_ALLOW_PLAINTEXT allows it'
      : `, or, if the network encrypts, set QUARRY_ALLOW_PLAINTEXT=${wire}`
    return { level: isMeant ? 'info' : 'warn', message: `${message}${end}` }
  })
  const ofSecrets = line === null ? [] : secretNotices(settings, line)
  return [...ofSecrets, ...payloadNotices(settings), ...wires]
}

/**
 * Those on secrets follow when the line is known.
 * @param payloads - undefined if the process puts none into Redis.
 */
export function tellNotices(
  log: Logger,
  settings: Settings,
  { events, payloads }: { readonly events: Events; readonly payloads: PayloadCodec | undefined },
): void {
  const tell = (notices: readonly Notice[]): void => {
    for (const { level, message } of notices) log[level](message)
  }
  if (payloads?.encrypts === false) log.warn(READABLE, 'payloads are readable in Redis')
  tell(securityNotices(settings, null))
  events.on('lineKnown', ({ line }) => tell(secretNotices(settings, line)))
}
