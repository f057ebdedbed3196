// Words which line of the stock connector jobs follow, and whether it is that of the gateway. Pure.
import { type Line, lineOfGateway } from '../job/line.ts'
import { ofGateway } from '../ledger/agreed-line.ts'
import type { AgreedLine } from '../ledger/stored-line.ts'
import { ok, type Verdict, warning } from './finding.ts'

interface LineFacts {
  readonly setting: Line | 'auto'
  /** Null if no adapter has started yet, or Redis does not answer. */
  readonly agreed: AgreedLine | null
  /** Version of the gateway; null if it is unknown. */
  readonly gateway: string | null
}

export function judgeLine({ setting, agreed, gateway }: LineFacts): readonly Verdict[] {
  const own = gateway === null ? null : lineOfGateway(gateway).line
  if (setting !== 'auto') {
    const text = `Jobs follow the line ${setting} of the connector (QUARRY_COMPATIBILITY).`
    if (agreed === null || agreed.line === setting) return [ok(text)]
    return [
      warning(
        `${text} The running installation follows ${agreed.line} (${agreed.from}): give all processes the same setting. Jobs that it has accepted keep their line.`,
      ),
    ]
  }
  if (agreed === null) return [notYet(gateway)]
  const text = `Jobs follow the line ${agreed.line} of the connector (${agreed.from}).`
  if (own === null || own === agreed.line) return [ok(text)]
  return [
    warning(
      `${text} The gateway is ${gateway}, of the line ${own}. Nothing changes by itself: when your diagrams and secrets are ready for it, set QUARRY_COMPATIBILITY=${own} (docs/migration.md).`,
    ),
  ]
}

function notYet(gateway: string | null): Verdict {
  if (gateway === null)
    return ok(
      'Jobs will follow the line of the gateway (QUARRY_COMPATIBILITY is auto); no adapter has started yet.',
    )
  const { line, fit } = lineOfGateway(gateway)
  const text = `Jobs will follow the line ${line} of the connector (${ofGateway(gateway).from}).`
  return fit === 'same' ? ok(text) : warning(`${text} QUARRY_COMPATIBILITY sets another.`)
}
