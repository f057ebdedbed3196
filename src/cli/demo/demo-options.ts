// The demo's flags.
import { parseArgs } from 'node:util'

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
  --json          print the result as JSON; progress goes to standard error
  --keep          leave it running at the end and print where health and metrics are served
  --aws           call real Bedrock with the credentials of your environment; asks first, because it costs money
  --yes           with --aws: do not ask

It starts its own Zeebe engine, Redis and Bedrock stand-in on loopback, unless ZEEBE_GRPC_ADDRESS, REDIS_URL or
AWS_ENDPOINT_URL_BEDROCK_RUNTIME say where one is. Exit code 0 only if every instance completed with the right
variables and without an incident.`

/** @throws TypeError for a flag or value that is not understood. */
export function parseDemoOptions(argv: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      instances: { type: 'string', default: '200' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      aws: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
    },
  })
  const instances = Number(values.instances)
  if (!Number.isInteger(instances) || instances < 1 || instances > 100_000) {
    throw new TypeError(`--instances is ${JSON.stringify(values.instances)}: give a whole number from 1 to 100000`)
  }
  return { ...values, instances }
}
