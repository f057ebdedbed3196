// Bull Board over the lanes' queues, read-only: if BullMQ removed or re-ran a job by itself, its record, its lease and Zeebe would
// be wrong. The load on Redis grows neither with lanes nor with open pages, so that viewers cannot slow down workers.
import { createBullBoard } from '@bull-board/api'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import type { LaneName } from '../job/ids.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { LightJobs } from '../lanes/queue/light-jobs.ts'
import { answerWithin, LateError } from '../time/bounded-wait.ts'
import { BusyError, makeAtMost } from './at-most.ts'
import type { DashboardEnv } from './guard.ts'
import { type Kept, makeKept } from './kept.ts'
import { askingFor, boardName, type KnownLane, LaneAdapter } from './lane-adapter.ts'
import { problem } from './problem.ts'

interface RawQueuesParts {
  /** Lanes as the overview read them last; null before its first read. */
  readonly lanes: () => readonly KnownLane[] | null
  readonly queues: Pick<LaneQueues, 'of' | 'forget'>
  /** Name of a lane's BullMQ queue. */
  readonly queueOf: (lane: LaneName) => string
  readonly jobs: LightJobs
  /** Whether Redis answers. */
  readonly available: () => boolean
  /** Name of this installation; null for none. */
  readonly label: string | null
  /** ms. */
  readonly now: () => number
}

const PATH = '/queues'
/** How often an open page asks. */
const POLL_SECONDS = 10
/** How long pages share an answer. */
const KEPT_MS = 8_000
/** With more lanes, only those with the most jobs are listed, plus the one in the page's address. */
const MOST_LISTED = 100
const MOST_JOBS_A_PAGE = 20
const AT_ONCE = { running: 4, waiting: 40 }
/** A neutral colour: the label says which installation it is. */
const BADGE = '#155e91'
const PATIENCE_MS = 5_000

export function makeRawQueues(parts: RawQueuesParts): Hono<DashboardEnv> {
  const { available, label, now } = parts
  const serverAdapter = new HonoAdapter(serveStatic)
  serverAdapter.setBasePath(PATH)
  const board = createBullBoard({ queues: [], serverAdapter, options: { uiConfig: uiConfig(label) } })
  const show = makeShow(parts, board)
  const inner = new Hono().route(PATH, serverAdapter.registerPlugin())
  const atMost = makeAtMost(AT_ONCE)
  const ask = (url: URL, queueName: string): Promise<Response> => {
    show(queueName)
    return askingFor(queueName, async () => inner.request(`${url.pathname}${url.search}`))
  }
  const kept = makeKept<Response>({ keptMs: KEPT_MS, now, counts: ({ status }) => status === 200 })
  const app = new Hono<DashboardEnv>()
  app.use(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
      return problem(c, 405, 'The raw queues are read-only. Change lanes and jobs on the dashboard.')
    if (!c.req.path.startsWith(`${PATH}/api/`)) return next()
    // Otherwise each request would wait for Redis.
    if (!available()) return away(c)
    const answer = () => answerTo(c, { ask: (url, queue) => atMost(() => ask(url, queue)), kept })
    return answerWithin(PATIENCE_MS, answer()).catch((error: unknown) => {
      if (error instanceof LateError) return away(c)
      if (error instanceof BusyError) return problem(c, 429, error.message)
      throw error
    })
  })
  app.route('/', serverAdapter.registerPlugin())
  return app
}

const away = (c: Context): Response => problem(c, 503, 'Redis does not answer.')

interface Answering {
  /** Asks Bull Board about a queue, '' for all. */
  readonly ask: (url: URL, queueName: string) => Promise<Response>
  readonly kept: Kept<Response>
}

/** Answers only requests whose cost does not grow with lanes. */
async function answerTo(c: Context<DashboardEnv>, { ask, kept }: Answering): Promise<Response> {
  const url = new URL(c.req.url)
  const [, what = '', queue = '', job, more] =
    /^\/queues\/api\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? []
  if (what === 'queues' && queue === '') {
    const asked = listQuery(url.searchParams)
    const path = new URL(`${url.pathname}?${asked.search}`, url)
    return (await kept(asked.search, () => ask(path, asked.queueName))).clone()
  }
  // Lanes have neither schedulers nor flows.
  if (what === 'job-schedulers') return c.json({ schedulers: [] })
  if (job !== undefined && more === 'flow') return c.json({ nodeId: job, flowRoot: null, isFlowNode: false })
  if (what !== 'queues' || queue === '') return problem(c, 404, 'The raw queues have no such path.')
  return ask(url, decoded(queue))
}

/** The query of the list, normalised and within bounds, so that equal requests share one answer. */
function listQuery(given: URLSearchParams): { readonly search: string; readonly queueName: string } {
  const number = (name: string, most: number, otherwise: number): string =>
    String(Math.max(1, Math.min(most, Math.trunc(Number(given.get(name))) || otherwise)))
  const queue = given.get('activeQueue') ?? ''
  const status = given.get('status') ?? ''
  const query = new URLSearchParams({
    activeQueue: queue,
    ...(/^[a-z-]{1,20}$/.test(status) ? { status } : {}),
    page: number('page', Number.MAX_SAFE_INTEGER / MOST_JOBS_A_PAGE, 1),
    jobsPerPage: number('jobsPerPage', MOST_JOBS_A_PAGE, 10),
  })
  return { search: query.toString(), queueName: decoded(queue) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** Adds the lanes to show to the board, and removes others, since each takes memory. */
function makeShow(
  { lanes, queues, queueOf, jobs }: RawQueuesParts,
  board: Pick<ReturnType<typeof createBullBoard>, 'addQueue' | 'removeQueue'>,
) {
  const shown = new Map<LaneName, LaneAdapter>()
  let known: ReadonlyMap<LaneName, KnownLane> = new Map()
  return (queueName: string): void => {
    const all = lanes()
    if (all === null) return
    known = new Map(all.map((lane) => [lane.name, lane]))
    const listed = all.length <= MOST_LISTED ? all : busiest(all)
    const named =
      queueName === '' ? undefined : all.find(({ name }) => boardName(queueOf(name)) === queueName)
    const wanted = new Set([...listed, ...(named === undefined ? [] : [named])].map(({ name }) => name))
    for (const [name, adapter] of shown) {
      if (wanted.has(name)) continue
      board.removeQueue(adapter)
      shown.delete(name)
      queues.forget(name)
    }
    for (const name of wanted) {
      const first = known.get(name)
      if (shown.has(name) || first === undefined) continue
      const adapter = new LaneAdapter({ queue: queues.of(name), known: () => known.get(name) ?? first, jobs })
      board.addQueue(adapter)
      shown.set(name, adapter)
    }
  }
}

function busiest(lanes: readonly KnownLane[]): readonly KnownLane[] {
  const jobsOf = ({ waiting, delayed, active }: KnownLane): number => waiting + delayed + active
  return lanes.toSorted((one, other) => jobsOf(other) - jobsOf(one)).slice(0, MOST_LISTED)
}

function uiConfig(label: string | null) {
  return {
    boardTitle: 'Quarry queues',
    miscLinks: [{ text: 'Dashboard', url: '/' }],
    pollingInterval: { forceInterval: POLL_SECONDS },
    // Both would read the list of all connections, or show viewers details of Redis.
    showWorkers: false,
    hideRedisDetails: true,
    ...(label === null ? {} : { environment: { label, color: BADGE, textColor: '#ffffff' } }),
  }
}
