// Runs checks at the same time. One that fails stops no other.
import { answerWithin } from '../time/bounded-wait.ts'
import { type Finding, fault, type Verdict } from './finding.ts'

export interface Check {
  readonly name: string
  /** Longest time for it, ms. @default 10000 */
  readonly limitMs?: number
  /** A rejection becomes a fault. */
  readonly run: () => Promise<readonly Verdict[]>
}

const LIMIT_MS = 10_000

/** In the order of the checks. */
export async function runChecks(checks: readonly Check[]): Promise<readonly Finding[]> {
  const found = await Promise.all(
    checks.map(async (check) => (await runOne(check)).map((verdict) => ({ check: check.name, ...verdict }))),
  )
  return found.flat()
}

async function runOne({ run, limitMs = LIMIT_MS }: Check): Promise<readonly Verdict[]> {
  const late = () => new Error(`No result within ${limitMs / 1_000} s. Check address and network.`)
  try {
    return await answerWithin(limitMs, run(), late)
  } catch (error) {
    return [fault(error instanceof Error ? error.message : String(error))]
  }
}
