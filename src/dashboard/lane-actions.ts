// Changes of lanes by operators, by the lane name in the URL. The audit log gets the operator's name.
import { chooseLanes } from '../control/choose-lanes.ts'
import {
  type LaneControl,
  type LaneControlParts,
  makeLaneControl,
  type PaceChange,
} from '../control/lane-control.ts'
import type { LaneName } from '../job/ids.ts'
import type { Person } from './access.ts'
import { ProblemError } from './problem.ts'

export type LaneAction = 'pause' | 'resume' | 'drain'

export const LANE_ACTIONS: readonly LaneAction[] = ['pause', 'resume', 'drain']

interface LaneActionParts extends Omit<LaneControlParts, 'by'> {
  readonly known: () => Promise<readonly LaneName[]>
}

export interface LaneActions {
  /** @throws ProblemError when there is no such lane. */
  find(name: string): Promise<LaneName>
  act(person: Person, lane: LaneName, action: LaneAction): Promise<void>
  setPace(person: Person, lane: LaneName, change: PaceChange): Promise<void>
}

/** The name for the audit log, in the form `user@host` of the command line. */
export function operatorName({ name }: Pick<Person, 'name'>): string {
  return `${name}@dashboard`
}

export function makeLaneActions({ known, queues, overrides, audit, events }: LaneActionParts): LaneActions {
  const controlOf = (person: Person): LaneControl =>
    makeLaneControl({ queues, overrides, audit, events, by: operatorName(person) })
  return {
    async find(name) {
      const [lane] = chooseLanes(await known(), { kind: 'name', name })
      if (lane !== undefined) return lane
      throw new ProblemError(
        404,
        `There is no lane ${JSON.stringify(name.slice(0, 200))}. Quarry knows the lanes that had jobs in the last 24 hours or were changed by an operator.`,
      )
    },
    act: (person, lane, action) => controlOf(person)[action]([lane]),
    setPace: (person, lane, change) => controlOf(person).setPace([lane], change),
  }
}
