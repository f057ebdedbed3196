// Words how far the clock of Redis or AWS is from ours, and what that breaks. Pure.
import { fault, ok, type Verdict, warning } from './finding.ts'

/** Another clock, compared with that of this host. */
export interface ClockFacts {
  readonly of: 'AWS' | 'Redis'
  /** How far it is ahead of ours, ms. */
  readonly aheadMs: number
  /** The error of that, ms. */
  readonly withinMs: number
}

const NOTICED_MS = 1_000
/**
 * AWS refuses a signature whose time is more than 5 minutes off
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html). BullMQ decides by the host's clock
 * when a delayed job is due; delays are seconds to minutes, so a minute is a lot.
 */
const BREAKS_MS = { AWS: 300_000, Redis: 60_000 }
const WHAT_BREAKS = {
  AWS: 'AWS refuses signatures that are more than 5 min off',
  Redis: 'delayed jobs come back that much too early or too late',
}
const REMEDY =
  'Let NTP set the clock (chrony, systemd-timesyncd), on Kubernetes that of the node; in a virtual machine also after a suspend.'

export function judgeClock({ of, aheadMs, withinMs }: ClockFacts): Verdict {
  const leastMs = Math.max(0, Math.abs(aheadMs) - withinMs)
  if (leastMs <= NOTICED_MS) return ok(`The clocks of ${of} and of this host agree.`)
  const side = aheadMs > 0 ? 'behind' : 'ahead of'
  const text = `The clock of this host is ${(Math.abs(aheadMs) / 1_000).toFixed(0)} s ${side} that of ${of}`
  return leastMs > BREAKS_MS[of]
    ? fault(`${text}: ${WHAT_BREAKS[of]}. ${REMEDY}`)
    : warning(`${text}. From ${BREAKS_MS[of] / 1_000} s on ${WHAT_BREAKS[of]}. ${REMEDY}`)
}
