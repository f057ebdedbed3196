// The commands that run something until they are stopped: `start`, `demo`, `sim`.
import { type Command, Option } from 'commander'
import { addCommand, type Ends, needed, SETTINGS, text, wholeNumber } from './flags.ts'

export function addRunning(program: Command, ends: Ends): void {
  addCommand(program, 'start', 'take jobs from Zeebe and call Bedrock; the production command', SETTINGS)
    .description('Takes jobs from Zeebe and calls Bedrock until it is asked to stop.')
    .addHelpText(
      'after',
      `
SIGTERM or Ctrl-C lets running calls finish, for at most QUARRY_SHUTDOWN_GRACE; a second one stops at once.

Examples:
  quarry start
  quarry start --roles adapter,ops
  quarry start --roles bedrock --regions us-east-1 --config quarry.yaml

Exit codes: 0 after a signal, 1 wrong settings or unfit Redis, 2 wrong command line.`,
    )
    .action(ends(async (flags) => (await import('./start.ts')).start(flags)))

  addCommand(program, 'demo', 'see Quarry work on this machine, without any set-up', [
    wholeNumber('--instances <n>', 'instances of examples/claim-triage.bpmn to run', 1, 100_000).default(200),
    new Option('--json', 'print the result as JSON; progress goes to standard error'),
    new Option('--keep', 'go on with further instances at the end, for the dashboard'),
    new Option('--compare', 'run the same load on a plain worker afterwards, and print both'),
    new Option(
      '--aws',
      'call real Bedrock with the credentials of your environment; asks first, as it costs money',
    ),
    new Option('--yes', 'with --aws: do not ask'),
  ])
    .description('Runs connector jobs from a real Zeebe engine through Redis lanes to Bedrock and back.')
    .addHelpText(
      'after',
      `
It starts its own Zeebe engine, Redis and Bedrock stand-in on loopback, unless ZEEBE_GRPC_ADDRESS, REDIS_URL or
AWS_ENDPOINT_URL_BEDROCK_RUNTIME name one. For the JSON alone: npm run --silent demo -- --json

Exit codes: 0 every instance completed with the right variables and without an incident, 1 otherwise, 2 wrong command line.`,
    )
    .action(ends(async (flags) => (await import('./demo-and-sim.ts')).demo(flags)))

  addSim(program, ends)
}

function addSim(program: Command, ends: Ends): void {
  addCommand(program, 'sim', 'a stand-in for Bedrock that enforces quotas, for load tests', [
    text('--port <port>', 'plain HTTP/1.1; 0 is any free port').default('4580', '4580'),
    text('--tls-port <port>', 'TLS with HTTP/2 or HTTP/1.1; 0 is any free port').default('4581', '4581'),
    text('--host <address>', 'where to listen').default('127.0.0.1', '127.0.0.1'),
    text('--rpm <n>', 'requests per minute for each access key, region and model'),
    text('--tpm <n>', 'tokens per minute for each access key, region and model'),
    text(
      '--latency <text>',
      'how long the model takes: 200ms, 100ms-2s, or lognormal:800ms:0.6 (median, sigma) (default: 200ms)',
    ),
    text(
      '--settings <file>',
      'JSON or YAML with quotas, latency, faults, scripts and more; --latency replaces its latency, --rpm and --tpm hold where none of its quotas matches',
    ),
    new Option(
      '--credentials <key:secret>',
      'an access key to accept, repeatable; all others are refused. Without this flag AKIASIM:sim is verified, and any other well-formed signature is accepted',
    ).argParser((value: string, others: readonly string[] = []) => [...others, needed(value)]),
    text('--seed <n>', 'for the random numbers; the same seed repeats them').default('1', '1'),
  ])
    .description(
      "A stand-in for Amazon Bedrock Runtime that enforces real quotas. It speaks Bedrock's wire protocol (InvokeModel, Converse and both streams, CountTokens, guardrails, Signature Version 4, bearer tokens) to any AWS SDK, and costs nothing. Any model id answers. Some ids name their behaviour: throttle-2, slow-3000, hang, usage-1200-300; sized-50 uses the prompt's tokens and 50 % of the output tokens asked for. A directive in a prompt gives an answer of its own: [[sim text: Approved]]. It issues temporary credentials too, as AWS STS does, where AWS_ENDPOINT_URL_STS leads to it. docs/stand-in.md has all of it.",
    )
    .addHelpText(
      'after',
      `
While it runs:
  GET  /__sim/stats       counters, by access key, region and model; calls paid twice
  GET  /__sim/requests    the latest calls
  GET  /__sim/credentials the temporary credentials that were issued
  GET  /__sim/settings    quotas, latency, faults, scripts and all else in force; PUT changes those it names
  POST /__sim/reset       zeroes the counters and fills the quotas
  GET  /__sim/health      {"status":"ok"}

Examples:
  quarry sim --rpm 600 --latency lognormal:800ms:0.6`,
    )
    .action(ends(async (flags) => (await import('./demo-and-sim.ts')).sim(flags)))
}
