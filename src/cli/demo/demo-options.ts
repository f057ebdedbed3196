// The demo's flags.
import { COMMAND_TABLE } from '../command-table.ts'
import { parseFlags } from '../parse-flags.ts'
import { UsageError } from '../usage-error.ts'

export interface DemoOptions {
  readonly instances: number
  /** Print the summary as JSON on standard output; all else goes to standard error. */
  readonly json: boolean
  /** Leave everything running at the end, until a signal. */
  readonly keep: boolean
  /** Call real Bedrock. */
  readonly aws: boolean
  /** With `aws`: do not ask. */
  readonly yes: boolean
}

export const DEMO_HELP = `quarry demo: connector jobs from a real Zeebe engine through Redis lanes to Bedrock and back

Usage: quarry demo [--instances N] [--json] [--keep] [--aws [--yes]]

  --instances N   instances of examples/claim-triage.bpmn to run (default 200)
  --json          print the result as JSON; progress goes to standard error (npm run --silent demo -- --json)
  --keep          leave it running at the end and print where health and metrics are served
  --aws           call real Bedrock with the credentials of your environment; asks first, because it costs money
  --yes           with --aws: do not ask
  -h, --help      this text

It starts its own Zeebe engine, Redis and Bedrock stand-in on loopback, unless ZEEBE_GRPC_ADDRESS, REDIS_URL or
AWS_ENDPOINT_URL_BEDROCK_RUNTIME say where one is. Exit code 0 only if every instance completed with the right
variables and without an incident.`

/**
 * Null when help is asked for.
 * @throws UsageError for a flag or value that is not understood.
 */
export function parseDemoOptions(argv: readonly string[]): DemoOptions | null {
  const { texts, switches } = parseFlags('demo', argv, COMMAND_TABLE.demo.flags)
  if (switches.has('help')) return null
  const { instances: given = '200' } = texts
  const instances = Number(given)
  if (!Number.isInteger(instances) || instances < 1 || instances > 100_000) {
    throw new UsageError(
      `--instances is ${JSON.stringify(given)}: give a whole number from 1 to 100000.`,
      'demo',
    )
  }
  if (switches.has('yes') && !switches.has('aws')) throw new UsageError('--yes goes with --aws.', 'demo')
  return {
    instances,
    json: switches.has('json'),
    keep: switches.has('keep'),
    aws: switches.has('aws'),
    yes: switches.has('yes'),
  }
}
