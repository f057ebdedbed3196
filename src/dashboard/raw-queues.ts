// Bull Board over the lanes' queues, to look into them and never to change them: a job that BullMQ removes or runs again
// behind our back has a record, a lease and a place in Zeebe that would not know of it. What a page costs Redis does not grow
// with lanes, nor with the pages that are open: whoever may look must not be able to slow down those who work.
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

export interface RawQueuesParts {
  /** As the overview has seen them last; null before it has. */
  readonly lanes: () => readonly KnownLane[] | null
  readonly queues: Pick<LaneQueues, 'of' | 'forget'>
  /** Name of a lane's queue. */
  readonly queueOf: (lane: LaneName) => string
  readonly jobs: LightJobs
  /** Whether Redis is there. */
  readonly available: () => boolean
  /** Of this installation; null for none. */
  readonly label: string | null
  /** ms. */
  readonly now: () => number
}

const PATH = '/queues'
/** Each open page asks that often. */
const POLL_SECONDS = 10
/** An answer is another page's, too, for so long. */
const KEPT_MS = 8_000
/** Of more lanes those with the most jobs are listed, and any that is asked for by its address. */
const MOST_LISTED = 100
const MOST_JOBS_A_PAGE = 20
const AT_ONCE = { running: 4, waiting: 40 }
/** Neither the red of production nor the green of a test: what an installation is, its label says. */
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
      return problem(c, 405, 'The raw queues are to look at. Lanes and jobs are changed on the dashboard.')
    if (!c.req.path.startsWith(`${PATH}/api/`)) return next()
    // What it asks then would wait for Redis, each time that a page asks.
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
  /** What Bull Board says of a queue, '' for all. */
  readonly ask: (url: URL, queueName: string) => Promise<Response>
  readonly kept: Kept<Response>
}

/** What costs Redis nothing that grows with lanes; the rest of what Bull Board knows is not answered. */
async function answerTo(c: Context<DashboardEnv>, { ask, kept }: Answering): Promise<Response> {
  const url = new URL(c.req.url)
  const [, what = '', queue = '', job, more] =
    /^\/queues\/api\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? []
  if (what === 'queues' && queue === '') {
    const asked = listQuery(url.searchParams)
    const path = new URL(`${url.pathname}?${asked.search}`, url)
    return (await kept(asked.search, () => ask(path, asked.queueName))).clone()
  }
  // Lanes have neither.
  if (what === 'job-schedulers') return c.json({ schedulers: [] })
  if (job !== undefined && more === 'flow') return c.json({ nodeId: job, flowRoot: null, isFlowNode: false })
  if (what !== 'queues' || queue === '') return problem(c, 404, 'The raw queues answer no such thing.')
  return ask(url, decoded(queue))
}

/** What a page asks of the list, within bounds, and always in the same words. */
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

/** Puts the lanes that are to be shown on the board, and takes others off: each costs memory. */
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
    // Both ask Redis for the list of all connections, or for what is nobody's to know who may only look.
    showWorkers: false,
    hideRedisDetails: true,
    ...(label === null ? {} : { environment: { label, color: BADGE, textColor: '#ffffff' } }),
  }
}
