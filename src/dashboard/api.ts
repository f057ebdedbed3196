// The API under /api: reads for the page, and changes by operators. Answers JSON, and errors as RFC 9457 problems.
import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AuditEntry } from '../control/audit-log.ts'
import type { RetryResult } from '../control/job-control.ts'
import type { JobView } from '../control/job-view.ts'
import { type JobKey, jobKey, type LaneName } from '../job/ids.ts'
import { FULL, isFull } from '../redis/explain-failure.ts'
import { answerWithin, LateError } from '../time/bounded-wait.ts'
import type { Person } from './access.ts'
import type { AuditAnswer, JobsAnswer, LaneChanged, LanesAnswer, MeAnswer } from './answers.ts'
import type { DashboardEnv } from './guard.ts'
import { makeKept } from './kept.ts'
import { LANE_ACTIONS, type LaneActions } from './lane-actions.ts'
import type { LaneBoard } from './lane-board.ts'
import type { History } from './lane-history.ts'
import type { LaneLine } from './lane-line.ts'
import { ProblemError, problem } from './problem.ts'
import { readPaceChange } from './read-change.ts'
import { PATIENCE_MS } from './shared-look.ts'

export interface ApiParts {
  readonly board: LaneBoard
  readonly lanes: LaneActions
  readonly jobs: {
    read(key: JobKey): Promise<JobView | null>
    ofLane(lane: LaneName, limit: number): Promise<readonly JobView[]>
    ofInstance(instance: string, limit: number): Promise<readonly JobView[]>
    retry(person: Person, key: JobKey): Promise<RetryResult>
  }
  readonly audit: (most: number) => Promise<readonly AuditEntry[]>
  /** Whether Redis answers. */
  readonly available: () => boolean
  /** Name of this installation; null for none. */
  readonly label: string | null
  /** Whether people sign in. */
  readonly signsIn: boolean
}

/** How long a request waits for an adapter to resolve an incident. */
export const RETRY_PATIENCE_MS = 8_000
const JOBS_OF_LANE = 50
const JOBS_OF_INSTANCE = 200
/** All pages of a lane share one read of its jobs for this long. */
const JOBS_KEPT_MS = 400
const AUDIT_LINES = 30
const LARGEST_BODY = 4_096
const AWAY =
  'Redis does not answer: nothing was read or changed. Quarry reconnects by itself; try again soon.'
const UNSETTLED =
  'Redis did not answer in time: the change may have been made, or may still be made. Check before you try again.'

type C = Context<DashboardEnv>

export function makeApi(parts: ApiParts): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>()
  app.use(async (c, next) => {
    c.header('cache-control', 'no-store')
    // The page computes "12 s ago" from this: its own clock may differ.
    c.header('x-quarry-now', String(Date.now()))
    await next()
  })
  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (c) => problem(c, 413, `The body is larger than ${LARGEST_BODY} bytes.`),
  })
  app.on(['POST', 'PUT', 'PATCH', 'DELETE'], '*', limit, async (c, next) => {
    const refused = refuseChange(c)
    if (refused !== null) return refused
    await next()
    parts.board.forget()
  })
  app.get('/me', (c) => {
    const { name, role } = c.get('person')
    return answer<MeAnswer>(c, { name, role, label: parts.label, signsIn: parts.signsIn })
  })
  addBoard(app, parts)
  addLanes(app, parts)
  addJobs(app, parts)
  app.all('*', (c) => problem(c, 404, `There is no ${c.req.method} ${c.req.path}.`))
  app.onError((error, c) => {
    if (error instanceof ProblemError) return problem(c, error.status, error.message)
    if (error instanceof AwayError) return problem(c, 503, error.unsettled ? UNSETTLED : AWAY)
    if (isFull(error)) return problem(c, 503, `Redis ${FULL}`)
    throw error
  })
  return app
}

/** Refuses changes by viewers, and requests that a foreign page could send: those without JSON and our header. */
function refuseChange(c: C): Response | null {
  if (c.get('person').role !== 'operator') {
    return problem(c, 403, 'Only operators can change lanes and jobs; you are a viewer.')
  }
  if (c.req.header('x-quarry-request') === undefined) {
    return problem(c, 403, 'The header X-Quarry-Request is missing. Any value will do.')
  }
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  return type === 'application/json' ? null : problem(c, 415, 'Send content-type application/json.')
}

function addBoard(app: Hono<DashboardEnv>, { board, audit, available }: ApiParts): void {
  app.get('/lanes', async (c) => {
    const { view, atMs, awaySinceMs } = await board.latest()
    // In a header, so that the body and its entity tag stay the same while nothing changes.
    if (atMs !== null) c.header('x-quarry-read-at', String(atMs))
    const lanes = { lanes: view?.lanes ?? null, totals: view?.totals ?? null, awaySinceMs }
    return answerIfChanged<LanesAnswer>(c, lanes, awaySinceMs === null && view !== null ? view : lanes)
  })
  app.get('/history', (c) => answerIfChanged<History>(c, board.history()))
  app.get('/audit', async (c) =>
    answerIfChanged<AuditAnswer>(c, { entries: await asked(available, () => audit(AUDIT_LINES)) }),
  )
}

function addLanes(app: Hono<DashboardEnv>, { board, lanes, jobs, available }: ApiParts): void {
  const find = (c: C) => asked(available, () => lanes.find(c.req.param('name') ?? ''))
  /** For reads: finds a lane that the page shows without asking Redis for all lanes. */
  const findSeen = async (c: C): Promise<LaneName> => {
    const seen = board.last()?.find(({ name }) => name === c.req.param('name'))
    return seen?.name ?? (await find(c))
  }
  const kept = makeKept<readonly JobView[]>({ keptMs: JOBS_KEPT_MS, now: performance.now.bind(performance) })
  app.get('/lanes/:name', async (c) => {
    const name = await findSeen(c)
    const look = async () => (await board.latest()).view?.lanes.find((lane) => lane.name === name)
    let lane = await look()
    if (lane === undefined) {
      // The lane may be newer than the last read.
      board.forget()
      lane = await look()
    }
    if (lane === undefined) throw new AwayError()
    return answer<LaneLine>(c, lane)
  })
  app.get('/lanes/:name/jobs', async (c) => {
    const name = await findSeen(c)
    const ofLane = () => kept(name, () => jobs.ofLane(name, JOBS_OF_LANE))
    return answer<JobsAnswer>(c, { jobs: await asked(available, ofLane) })
  })
  for (const action of LANE_ACTIONS) {
    app.post(`/lanes/:name/${action}`, async (c) => {
      const name = await find(c)
      await done(available, () => lanes.act(c.get('person'), name, action))
      return answer<LaneChanged>(c, { lane: name, action })
    })
  }
  app.put('/lanes/:name/pace', async (c) => {
    const { change, problem: wrong } = readPaceChange(await c.req.text())
    if (change === null) throw new ProblemError(400, wrong)
    const name = await find(c)
    await done(available, () => lanes.setPace(c.get('person'), name, change))
    return answer<LaneChanged>(c, { lane: name, action: 'pace', change })
  })
}

/** Includes {@link RETRY_PATIENCE_MS}, the wait for an adapter. */
const RETRY_MS = 2 * RETRY_PATIENCE_MS
const RETRY_STATUS = { promoted: 200, resolved: 200, nothing: 200, unknown: 404, refused: 409 } as const

function addJobs(app: Hono<DashboardEnv>, { jobs, available }: ApiParts): void {
  const keyOf = (c: C): JobKey => {
    try {
      return jobKey(c.req.param('key') ?? '')
    } catch {
      throw new ProblemError(400, 'A job key is 1 to 20 digits, as Operate shows it.')
    }
  }
  app.get('/jobs/:key', async (c) => {
    const key = keyOf(c)
    const job = await asked(available, () => jobs.read(key))
    if (job !== null) return answer<JobView>(c, job)
    throw new ProblemError(
      404,
      `Quarry knows no job ${key}: Quarry never took it from Zeebe, or it ended a while ago. Operate has its history.`,
    )
  })
  app.get('/instances/:key/jobs', async (c) => {
    const key = keyOf(c)
    return answer<JobsAnswer>(c, {
      jobs: await asked(available, () => jobs.ofInstance(key, JOBS_OF_INSTANCE)),
    })
  })
  app.post('/jobs/:key/retry', async (c) => {
    const key = keyOf(c)
    const result = await done(available, () => jobs.retry(c.get('person'), key), RETRY_MS)
    const status = RETRY_STATUS[result.kind]
    if (status >= 400) throw new ProblemError(status, result.message)
    return answer<RetryResult>(c, result)
  })
}

/** Thrown when Redis does not answer. */
class AwayError extends Error {
  override readonly name = 'AwayError'
  /** Whether a change had begun, which may still be made. */
  readonly unsettled: boolean

  constructor(unsettled = false) {
    super('Redis does not answer')
    this.unsettled = unsettled
  }
}

/** @throws AwayError when Redis is down, or does not answer in time. */
async function asked<T>(available: () => boolean, work: () => Promise<T>, ms = PATIENCE_MS): Promise<T> {
  if (!available()) throw new AwayError()
  try {
    return await answerWithin(ms, work())
  } catch (error) {
    throw error instanceof LateError || !available() ? new AwayError() : error
  }
}

/** {@link asked} for a change, whose AwayError says whether it had begun: it may then have been made without an answer. */
async function done<T>(available: () => boolean, work: () => Promise<T>, ms?: number): Promise<T> {
  const begun = available()
  return asked(available, work, ms).catch((error: unknown) => {
    throw error instanceof AwayError ? new AwayError(begun) : error
  })
}

function answer<T extends object>(c: C, value: T): Response {
  return c.json(value)
}

/** Values as JSON text. With many lanes that is megabytes, so each value is serialised once for all pages. */
const texts = new WeakMap<object, { readonly text: string; readonly tag: string }>()

function textOf(value: object): { readonly text: string; readonly tag: string } {
  const text = JSON.stringify(value)
  return { text, tag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

/**
 * Answers 304 if the client has the same value already.
 * @param of - key of the cache: an immutable object from which the answer is made. @default the answer
 */
function answerIfChanged<T extends object>(c: C, value: T, of: object = value): Response {
  const { text, tag } = texts.get(of) ?? textOf(value)
  texts.set(of, { text, tag })
  c.header('etag', tag)
  if (c.req.header('if-none-match') === tag) return c.body(null, 304)
  return c.body(text, 200, { 'content-type': 'application/json' })
}
