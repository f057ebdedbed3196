// The lanes that a command line chooses: `LANE`, `--region PATTERN --model PATTERN --account PATTERN`, or `--all`. Pure.
import type { LaneChoice } from '../control/choose-lanes.ts'
import { UsageError } from './usage-error.ts'

/** The flags that choose lanes. */
export interface LaneFlags {
  readonly account?: string
  readonly region?: string
  readonly model?: string
  readonly all?: true
}

/**
 * Reads the choice of lanes.
 * @param name - the argument LANE, undefined when it is not there.
 * @throws UsageError when lanes are chosen in no way, or in several.
 */
export function laneChoice(command: string, name: string | undefined, flags: LaneFlags): LaneChoice {
  const { account, region, model, all = false } = flags
  const hasPatterns = (account ?? region ?? model) !== undefined
  const ways = [name !== undefined, hasPatterns, all].filter(Boolean).length
  if (ways !== 1) {
    throw new UsageError(
      `${ways === 0 ? 'which lanes?' : 'lanes are named in more than one way.'} Name one as \`quarry lanes\` shows it (account@region@model), or give patterns with --account, --region and --model, or --all.`,
      command,
    )
  }
  if (name !== undefined) return { kind: 'name', name }
  return hasPatterns ? { kind: 'patterns', account, region, model } : { kind: 'all' }
}

/** For a choice that no lane fits. */
export function describeChoice(choice: LaneChoice): string {
  switch (choice.kind) {
    case 'all':
      return 'there are no lanes'
    case 'name':
      return `there is no lane ${choice.name}`
    case 'patterns': {
      const parts = (['account', 'region', 'model'] as const).flatMap((part) =>
        choice[part] === undefined ? [] : [`${part} ${choice[part]}`],
      )
      return `no lane fits ${parts.join(', ')}`
    }
  }
}
