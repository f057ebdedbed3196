// `quarry sim`: the stand-in as a process of its own. Reads flags, prints what to paste, runs until it is told to
// end. Decides nothing about Bedrock.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { parse as parseYaml } from 'yaml'
import { parseLatency } from './latency.ts'
import { readSettings, type SimSettings } from './settings.ts'
import { type Sim, type SimOptions, startSim } from './sim.ts'

const DEFAULT_PORT = 4580
const DEFAULT_TLS_PORT = 4581
const DEFAULT_LATENCY = '200ms'
/** The key that the stand-in announces; its signatures are verified. */
const ANNOUNCED = { AKIASIM: 'sim' }

const HELP = `quarry sim: a stand-in for Amazon Bedrock Runtime that enforces real quotas.

Usage
  quarry sim [options]

It speaks Bedrock's wire protocol (InvokeModel, Converse and both streams, Signature Version 4, bearer tokens) to
any AWS SDK, and costs nothing. Any model id answers; ids such as throttle-2, slow-3000, hang or usage-1200-300
behave as they say, sized-50 uses the prompt's tokens and 50 % of the output tokens asked for.
It answers GetCallerIdentity of AWS STS too, where AWS_ENDPOINT_URL_STS leads to it.

Options
  --port <n>          plain HTTP/1.1; 0 is any free port              (default ${DEFAULT_PORT})
  --tls-port <n>      TLS with HTTP/2 or HTTP/1.1; 0 is any free port (default ${DEFAULT_TLS_PORT})
  --host <address>    where to listen                                 (default 127.0.0.1)
  --rpm <n>           requests per minute for each access key, region and model
  --tpm <n>           tokens per minute for each access key, region and model
  --latency <text>    how long the model takes: 200ms, 100ms-2s or
                      lognormal:800ms:0.6 (median, sigma)             (default ${DEFAULT_LATENCY})
  --settings <file>   JSON or YAML with quotas, latency, faults; --latency replaces the file's,
                      --rpm and --tpm hold where no quota of the file matches
  --credentials <key:secret>
                      an access key to know, again for more; others are then refused. Without it AKIASIM:sim is
                      known and verified, and any other well-formed signature is let in
  --seed <n>          for the random numbers; the same seed repeats them (default 1)
  --help              this text

While it runs
  GET  /__sim/stats       counters, by access key, region and model; calls paid twice
  GET  /__sim/requests    the latest calls
  GET  /__sim/settings    quotas, latency and faults in force; PUT changes those it names
  POST /__sim/reset       zeroes the counters and fills the quotas
  GET  /__sim/health      {"status":"ok"}

Example
  quarry sim --rpm 600 --latency lognormal:800ms:0.6
`

/**
 * Runs `quarry sim` until SIGINT or SIGTERM, or until `stop` resolves.
 * @param argv the arguments after `quarry sim`
 * @throws Error saying what is wrong with a flag, the settings file or a port
 */
export async function runSim(argv: readonly string[], stop?: Promise<void>): Promise<void> {
  const flags = readFlags(argv)
  if (flags.help) {
    process.stdout.write(HELP)
    return
  }
  const sim = await startSim(await readOptions(flags))
  process.stdout.write(announce(sim))
  await Promise.race([untilSignalled(), ...(stop === undefined ? [] : [stop])])
  await sim.stop()
}

type Flags = ReturnType<typeof readFlags>

function readFlags(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string', default: String(DEFAULT_PORT) },
        'tls-port': { type: 'string', default: String(DEFAULT_TLS_PORT) },
        host: { type: 'string', default: '127.0.0.1' },
        rpm: { type: 'string' },
        tpm: { type: 'string' },
        latency: { type: 'string' },
        settings: { type: 'string' },
        credentials: { type: 'string', multiple: true },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return values
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${message}\nSee quarry sim --help.`, { cause: error })
  }
}

async function readOptions(flags: Flags): Promise<SimOptions> {
  return {
    host: flags.host,
    port: readNumber('--port', flags.port, { from: 0, to: 65_535 }),
    tlsPort: readNumber('--tls-port', flags['tls-port'], { from: 0, to: 65_535 }),
    seed: readNumber('--seed', flags.seed, { from: 0, to: 2 ** 32 - 1 }),
    ...(flags.credentials === undefined
      ? { credentials: ANNOUNCED, otherKeys: true }
      : { credentials: Object.fromEntries(flags.credentials.map(readCredential)) }),
    settings: await readAllSettings(flags),
  }
}

function readCredential(text: string): [key: string, secret: string] {
  const [, key, secret] = /^([^:]+):(.+)$/.exec(text) ?? []
  if (key === undefined || secret === undefined) {
    throw new Error(
      '--credentials takes an access key id and its secret, as AKIAEXAMPLE:secret. See quarry sim --help.',
    )
  }
  return [key, secret]
}

async function readAllSettings(flags: Flags): Promise<Partial<SimSettings>> {
  const fromFile = flags.settings === undefined ? {} : await readSettingsFile(flags.settings)
  const settings = { latency: parseLatency(DEFAULT_LATENCY), ...fromFile }
  if (flags.latency !== undefined) settings.latency = parseLatency(flags.latency)
  if (flags.rpm !== undefined || flags.tpm !== undefined) {
    const bounds = { from: 1, to: 1e9 }
    const forTheRest = {
      ...(flags.rpm !== undefined && { requestsPerMinute: readNumber('--rpm', flags.rpm, bounds) }),
      ...(flags.tpm !== undefined && { tokensPerMinute: readNumber('--tpm', flags.tpm, bounds) }),
    }
    settings.quotas = [...(fromFile.quotas ?? []), forTheRest]
  }
  return settings
}

async function readSettingsFile(file: string): Promise<Partial<SimSettings>> {
  try {
    return readSettings(parseYaml(await readFile(file, 'utf8')) ?? {})
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`Cannot use --settings ${file}: ${message}`, { cause: error })
  }
}

function readNumber(flag: string, text: string, { from, to }: { from: number; to: number }): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= from && number <= to) return number
  throw new Error(
    `${flag} ${JSON.stringify(text)} is not a whole number from ${from} to ${to}. See quarry sim --help.`,
  )
}

function announce({ url, tlsUrl, caFile }: Sim): string {
  return `Bedrock stand-in is listening.

  HTTP/1.1             ${url}
  TLS, HTTP/2          ${tlsUrl}
  its certificate      ${caFile}
  statistics           ${url}/__sim/stats

Point an AWS SDK at it, with TLS and HTTP/2 as production speaks:
  export AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${tlsUrl} AWS_ENDPOINT_URL_STS=${tlsUrl}
  export AWS_CA_BUNDLE=${caFile} NODE_EXTRA_CA_CERTS=${caFile}
  export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=AKIASIM AWS_SECRET_ACCESS_KEY=sim

or plain, for what speaks HTTP/1.1 (Quarry does; the SDK for JavaScript wants its NodeHttpHandler):
  export AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${url} AWS_ENDPOINT_URL_STS=${url}

End it with Ctrl-C.
`
}

function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
