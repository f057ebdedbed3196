// The Bedrock stand-in of one scenario, and its books read job by job: every prompt holds a text that no other has,
// and every process signs with an access key of its own.
import { type LoggedRequest, type Sim, type SimSettings, startSim } from '../../sim/sim.ts'
import { SEED } from './seed.ts'

export interface StandIn extends Pick<Sim, 'configure' | 'stop' | 'stats' | 'url' | 'tlsUrl'> {
  /** Settings of a process that calls it with this access key. */
  environment(accessKey: string): Record<string, string>
  /** All calls, in the order in which they came. */
  calls(): Call[]
}

/** One call, and whose it was. */
export interface Call extends Pick<LoggedRequest, 'at' | 'accessKey' | 'model'> {
  /** The prompt's own text. */
  readonly job: string
  /** Answered with 200: what AWS bills. */
  readonly paid: boolean
  /** Not answered yet. Where calls are cut, these stay among them. */
  readonly open: boolean
}

/** The text that {@link Call.job} finds again in a request. */
export function promptOf(number: number): string {
  return `job-${number}.`
}

export async function startStandIn(settings: Partial<SimSettings> = {}): Promise<StandIn> {
  const sim = await startSim({ seed: SEED, settings: { ...settings, recordBodies: true } })
  return {
    ...{ url: sim.url, tlsUrl: sim.tlsUrl },
    configure: sim.configure,
    stop: sim.stop,
    stats: sim.stats,
    environment: (accessKey) => ({
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
      AWS_CA_BUNDLE: sim.caFile,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: 'secret-of-the-process',
    }),
    calls: () =>
      sim.requests().map(({ at, accessKey, model, body = '', status }) => ({
        at,
        accessKey,
        model,
        job: /job-\d+\./.exec(body)?.[0] ?? '',
        paid: status === 200,
        open: status === 0,
      })),
  }
}

/** How often each job was paid for. */
export function payments(calls: readonly Call[]): Map<string, number> {
  const paid = new Map<string, number>()
  for (const { job, paid: isPaid } of calls) if (isPaid) paid.set(job, (paid.get(job) ?? 0) + 1)
  return paid
}

/** Payments beyond the first of each job: its text, once for each. */
export function paidAgain(calls: readonly Call[]): string[] {
  return [...payments(calls)].flatMap(([job, times]) => Array<string>(times - 1).fill(job))
}
