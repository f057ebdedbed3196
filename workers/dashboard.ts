// The dashboard of the ops role: what it reads and controls, from the parts of the process. Wiring only.
import { readFileSync } from 'node:fs'
import { type AuditLog, makeAuditLog } from '../src/control/audit-log.ts'
import { makeJobControl } from '../src/control/job-control.ts'
import { makeJobReader } from '../src/control/job-reader.ts'
import { makeJobRecords } from '../src/control/job-records.ts'
import { knownLanes } from '../src/control/lane-overview.ts'
import type { SharedFigures } from '../src/control/shared-figures.ts'
import { decideAccess } from '../src/dashboard/access.ts'
import { RETRY_PATIENCE_MS } from '../src/dashboard/api.ts'
import { type Dashboard, makeDashboard } from '../src/dashboard/dashboard.ts'
import { makeLaneActions, operatorName } from '../src/dashboard/lane-actions.ts'
import { makeLaneBoard } from '../src/dashboard/lane-board.ts'
import { makeLaneLooks } from '../src/lanes/look-lanes.ts'
import { makeOverrideStore } from '../src/lanes/override-store.ts'
import { makeBudgetWaits } from '../src/lanes/queue/budget-waits.ts'
import { type LaneQueues, makeLaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { makeLightJobs } from '../src/lanes/queue/light-jobs.ts'
import { makeRetryRequests } from '../src/ledger/retry-requests.ts'
import { type DashboardUser, readDashboardUsers } from '../src/settings/dashboard-users.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { ProcessParts } from './role.ts'

const OPEN_TO_ALL =
  'Whoever reaches this port is an operator, and so is any web page that gives this address a name of its own (DNS rebinding): QUARRY_DASHBOARD_AUTH is none, and QUARRY_HOST is not a loopback address. Set QUARRY_DASHBOARD_AUTH to basic or proxy, or QUARRY_HOST to 127.0.0.1.'

const FORWARDED =
  'Requests come with X-Forwarded-For from an address that QUARRY_DASHBOARD_TRUSTED_PROXIES does not name, so all people behind it share one limit of wrong passwords. If it is your ingress or proxy, add it there.'

/** Null if the settings turn it off. */
export function opsDashboard(
  parts: ProcessParts,
  figures: () => Promise<SharedFigures>,
): (Dashboard & { close(): Promise<void> }) | null {
  const { settings, redis, keys, events } = parts
  if (settings.dashboard.enabled === 'off') return null
  const onError = (error: Error) => events.emit('fault', { where: 'reading lanes', error })
  const queues = makeLaneQueues(redis, keys, onError)
  const access = decideAccess(settings, dashboardUsers(settings))
  const audit = makeAuditLog(redis, keys)
  const available = () => redis.status === 'ready'
  const { lanes, board } = laneParts(parts, { queues, audit, figures })
  const dashboard = makeDashboard({
    access,
    board,
    lanes,
    jobs: jobParts(parts, { queues, audit }),
    audit: audit.last,
    available,
    label: settings.dashboard.label ?? null,
    signsIn: access.kind !== 'none',
    queues: {
      lanes: board.last,
      queues,
      queueOf: keys.queue,
      jobs: makeLightJobs(redis),
      available,
      label: settings.dashboard.label ?? null,
      now: Date.now,
    },
    onForwarded: (proxy) => events.emit('dashboardForwarded', { proxy, warning: FORWARDED }),
    onFault: (error) => events.emit('fault', { where: 'serving the dashboard', error }),
    now: Date.now,
  })
  if (access.kind === 'locked') events.emit('dashboardLocked', { reason: access.reason })
  if (access.kind === 'none' && access.hosts === null)
    events.emit('dashboardOpen', { host: settings.server.host, warning: OPEN_TO_ALL })
  return { ...dashboard, close: queues.close }
}

/** Parts for reading as well as for control. */
interface Shared {
  readonly queues: LaneQueues
  readonly audit: AuditLog
}

function laneParts(
  { settings, redis, keys, registry, events }: ProcessParts,
  { queues, audit, figures }: Shared & { readonly figures: () => Promise<SharedFigures> },
) {
  const overrides = makeOverrideStore(redis, keys)
  const known = () => knownLanes({ registry, overrides })
  const board = makeLaneBoard({
    figures,
    maxHeld: settings.maxBacklog,
    available: () => redis.status === 'ready',
    now: Date.now,
    onFault: (fault) => events.emit('fault', fault),
  })
  const lanes = makeLaneActions({ known, queues, overrides, audit, events })
  return { lanes, board }
}

function jobParts({ redis, keys, events, laneRules }: ProcessParts, { queues, audit }: Shared) {
  const records = makeJobRecords(redis, keys)
  const requests = makeRetryRequests(redis, keys)
  const budgetWaits = makeBudgetWaits(redis, keys)
  const looks = makeLaneLooks(redis, keys)
  const reader = makeJobReader({ records, queues, audit, looks, quotaOf: laneRules.quotaOf })
  return {
    ...reader,
    retry(person: { readonly name: string }, key: Parameters<typeof reader.read>[0]) {
      const [by, patienceMs] = [operatorName(person), RETRY_PATIENCE_MS]
      return makeJobControl({ records, queues, requests, audit, events, budgetWaits, by, patienceMs }).retry(
        key,
      )
    },
  }
}

/** @throws Error that names the file and what is wrong with it, without any of its content. */
export function dashboardUsers({ dashboard: { users = [], usersFile: file } }: Pick<Settings, 'dashboard'>) {
  return file === undefined ? users : readUsersFile(file)
}

function readUsersFile(file: string): readonly DashboardUser[] {
  const check = 'Check QUARRY_DASHBOARD_USERS_FILE.'
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new Error(`The file ${file} cannot be read (${reason}). ${check}`, { cause })
  }
  const { users, problem } = readDashboardUsers(text)
  if (users === null) throw new Error(`The file ${file} holds no users: ${problem}. ${check}`)
  return users
}
