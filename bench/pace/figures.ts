// The figures of a run, from its observations. Pure.
import type { FigureStyle, Figures } from '../report/figure.ts'
import { percentile } from '../report/statistics.ts'
import { isWithin, secondsOf, type Use, usedShare, type Window } from './measures.ts'
import type { Call, Observation, Scenario } from './scenario.ts'

/** Every figure that a scenario may have. */
export const FIGURES: Readonly<Record<string, FigureStyle>> = {
  used: { title: 'quota used', unit: 'share' },
  throttled: { title: 'calls answered 429', unit: 'share' },
  throttledCalls: { title: 'number of calls answered 429', unit: 'count' },
  incidents: { title: 'incidents', unit: 'count' },
  created: { title: 'instances', unit: 'count' },
  completed: { title: 'instances completed', unit: 'count' },
  unfinished: { title: 'instances not completed', unit: 'count' },
  calls: { title: 'calls', unit: 'count' },
  windowSeconds: { title: 'measured for', unit: 's' },
  cpuSeconds: { title: 'CPU of the workers', unit: 's' },
  recoverySeconds: { title: 'slowest recovery above 90 %', unit: 's' },
  ratioLow: { title: 'lowest ratio (goal 3 to 1) of any window', unit: 'ratio' },
  ratioHigh: { title: 'highest ratio (goal 3 to 1) of any window', unit: 'ratio' },

  lastEndSeconds: { title: 'until the last was completed', unit: 's' },
  p99BeforeMs: { title: 'p99 before', unit: 'ms' },
  p99DuringMs: { title: 'p99 during it', unit: 'ms' },
  p99Ratio: { title: 'p99, ratio to before', unit: 'ratio' },
  p99StruckMs: { title: 'p99 of the 10 s after the failure', unit: 'ms' },
}

/** The figures of every run, and the scenario's own. */
export function figuresOf({ figures }: Scenario, seen: Observation): Figures {
  const { calls, instances, window, cpuSeconds, grants } = seen
  const inWindow = calls.filter(({ atMs }) => isWithin(window, atMs))
  const throttled = inWindow.filter(({ status }) => status === 429).length
  const completed = instances.filter(({ completedAtMs }) => completedAtMs !== null).length
  return {
    used: seen.plan.quota === undefined ? null : usedShare(quotaUses(seen), grants, window),
    throttled: inWindow.length === 0 ? null : throttled / inWindow.length,
    incidents: instances.filter(({ hasIncident }) => hasIncident).length,
    created: instances.length,
    completed,
    unfinished: instances.length - completed,
    calls: inWindow.length,
    windowSeconds: secondsOf(window),
    cpuSeconds,
    ...figures?.(seen),
  }
}

/** The answered calls of the measured quota by arrival, which is when the stand-in admits or refuses a call. */
export function quotaUses({ calls, plan: { quota } }: Observation): Use[] {
  const answered = calls.filter(({ model, status }) => model === quota?.model && status === 200)
  return answered.map(({ atMs, tokens }) => ({ atMs, amount: quota?.unit === 'tokens' ? tokens : 1 }))
}

/**
 * Durations of the instances of a process that started within a window, ms. An instance that has not completed counts with
 * its age at the end of the run: without these, a contender that completes few instances would look fast.
 */
export function latencies(
  { instances, seenUntilMs }: Pick<Observation, 'instances' | 'seenUntilMs'>,
  process: string,
  window: Window,
): number[] {
  const chosen = instances.filter(
    (instance) => instance.process === process && isWithin(window, instance.startedAtMs),
  )
  return chosen.map(({ startedAtMs, completedAtMs }) => (completedAtMs ?? seenUntilMs) - startedAtMs)
}

/** The p99 of a process within two windows, and the ratio of the second to the first. */
export function compareP99(
  seen: Observation,
  process: string,
  before: Window,
  during: Window,
): {
  readonly p99BeforeMs: number | null
  readonly p99DuringMs: number | null
  readonly p99Ratio: number | null
} {
  const p99 = (window: Window) => percentile(latencies(seen, process, window), 0.99)
  const p99BeforeMs = p99(before)
  const p99DuringMs = p99(during)
  const p99Ratio = p99BeforeMs === null || p99DuringMs === null ? null : p99DuringMs / p99BeforeMs
  return { p99BeforeMs, p99DuringMs, p99Ratio }
}

/** Arrival times of the calls whose prompt begins with a mark. */
export function arrivalsOf(calls: readonly Call[], mark: string): number[] {
  return calls.filter((call) => call.mark === mark && call.status === 200).map(({ atMs }) => atMs)
}
