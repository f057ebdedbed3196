// `quarry sim`: the stand-in as a process. Prints the variables to set, runs until it is stopped. Decides nothing about
// Bedrock.
import { readFile } from 'node:fs/promises'
import { parse as parseYaml } from 'yaml'
import { parseLatency } from './latency.ts'
import { type Latency, readSettings, type SimSettings } from './settings.ts'
import { type Sim, type SimOptions, startSim } from './sim.ts'

const DEFAULT_LATENCY = '200ms'
/** The key that the stand-in prints; its signatures are verified. */
const ANNOUNCED = { AKIASIM: 'sim' }

/** The flags of `quarry sim`, as they were written. */
export interface SimFlags {
  readonly port: string
  readonly tlsPort: string
  readonly host: string
  readonly seed: string
  readonly rpm?: string
  readonly tpm?: string
  readonly latency?: string
  readonly settings?: string
  readonly credentials?: readonly string[]
}

/** Thrown for a flag whose value is wrong. */
export class WrongFlag extends Error {
  override readonly name = 'WrongFlag'
}

/**
 * Runs `quarry sim` until SIGINT or SIGTERM, or until `stop` resolves.
 * @throws WrongFlag; Error saying what is wrong with the settings file or a port
 */
export async function runSim(flags: SimFlags, stop?: Promise<void>): Promise<void> {
  const sim = await startSim(await readOptions(flags))
  process.stdout.write(announce(sim))
  await Promise.race([untilSignalled(), ...(stop === undefined ? [] : [stop])])
  await sim.stop()
}

async function readOptions(flags: SimFlags): Promise<SimOptions> {
  return {
    host: flags.host,
    port: readNumber('--port', flags.port, { from: 0, to: 65_535 }),
    tlsPort: readNumber('--tls-port', flags.tlsPort, { from: 0, to: 65_535 }),
    seed: readNumber('--seed', flags.seed, { from: 0, to: 2 ** 32 - 1 }),
    ...(flags.credentials === undefined
      ? { credentials: ANNOUNCED, otherKeys: true }
      : { credentials: Object.fromEntries(flags.credentials.map(readCredential)) }),
    settings: await readAllSettings(flags),
  }
}

function readLatency(text: string): Latency {
  try {
    return parseLatency(text)
  } catch (error) {
    throw error instanceof RangeError ? new WrongFlag(error.message) : error
  }
}

function readCredential(text: string): [key: string, secret: string] {
  const [, key, secret] = /^([^:]+):(.+)$/.exec(text) ?? []
  if (key === undefined || secret === undefined) {
    throw new WrongFlag('--credentials takes an access key id and its secret, as AKIAEXAMPLE:secret.')
  }
  return [key, secret]
}

async function readAllSettings(flags: SimFlags): Promise<Partial<SimSettings>> {
  const fromFile = flags.settings === undefined ? {} : await readSettingsFile(flags.settings)
  const settings = { latency: parseLatency(DEFAULT_LATENCY), ...fromFile }
  if (flags.latency !== undefined) settings.latency = readLatency(flags.latency)
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
  throw new WrongFlag(`${flag} ${JSON.stringify(text)} is not a whole number from ${from} to ${to}.`)
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
