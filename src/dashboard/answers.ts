// The JSON answers of the API. Types only: the page is checked against them. A lane is a LaneLine, a job a JobView,
// a retry a RetryResult, the past of lanes a History.

import type { AuditEntry } from '../control/audit-log.ts'
import type { JobView } from '../control/job-view.ts'
import type { PaceChange } from '../control/lane-control.ts'
import type { LaneName } from '../job/ids.ts'
import type { DashboardRole } from '../settings/dashboard-users.ts'
import type { LaneAction } from './lane-actions.ts'
import type { LaneLine, Totals } from './lane-line.ts'

/** The person who asks. */
export interface MeAnswer {
  readonly name: string
  readonly role: DashboardRole
  /** Name of this installation; null for none. */
  readonly label: string | null
  /** Whether people sign in. */
  readonly signsIn: boolean
}

export interface LanesAnswer {
  /** Null until Redis was read once. */
  readonly lanes: readonly LaneLine[] | null
  /** Null as {@link lanes} is. */
  readonly totals: Totals | null
  /** Since when Redis does not answer, ms since the epoch; null when it does. */
  readonly awaySinceMs: number | null
}

/** The first jobs of a lane, in the order of their turns. */
export interface JobsAnswer {
  readonly jobs: readonly JobView[]
}

/** The latest changes, the newest first. */
export interface AuditAnswer {
  readonly entries: readonly AuditEntry[]
}

/** A change of a lane that was made. */
export type LaneChanged =
  | { readonly lane: LaneName; readonly action: LaneAction }
  | { readonly lane: LaneName; readonly action: 'pace'; readonly change: PaceChange }
