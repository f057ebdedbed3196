// How fast an answer comes, from the settings, a script and a fault. Pure.
import type { StreamScript } from '../script/script.ts'
import type { FaultRule } from '../settings.ts'

/** The faults that strike a stream in its middle; where there is no stream, they strike the whole answer. */
const IN_THE_MIDST: Partial<Record<FaultRule['fault'], keyof StreamScript>> = {
  stall: 'stallAfter',
  break: 'breakAfter',
  streamerror: 'errorAfter',
}

/** The script of a stream of so many events: later sources replace earlier ones. */
export function streamScriptOf(
  settings: StreamScript | undefined,
  script: StreamScript | undefined,
  fault: FaultRule | undefined,
  events: number,
): StreamScript {
  const struck = fault === undefined ? undefined : IN_THE_MIDST[fault.fault]
  return { ...settings, ...script, ...(struck !== undefined && { [struck]: Math.floor(events / 2) }) }
}

/** The time that a model takes to generate so many tokens, after the first. */
export function generationMs({ tokensPerSecond }: StreamScript, tokens: number): number {
  return tokensPerSecond === undefined ? 0 : Math.round((tokens * 1_000) / tokensPerSecond)
}
