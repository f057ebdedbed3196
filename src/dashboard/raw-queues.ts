// Bull Board over the lanes' queues, to look into them and never to change them: a job that BullMQ removes or runs again
// behind our back has a record, a lease and a place in Zeebe that would not know of it.
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import { inTime, LateError } from '../control/in-time.ts'
import type { LaneQueueHandles } from '../control/lane-queue-handles.ts'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import type { DashboardEnv } from './guard.ts'
import { problem } from './problem.ts'

export interface RawQueuesParts {
  readonly known: () => Promise<readonly LaneName[]>
  readonly of: LaneQueueHandles['of']
  /** Whether Redis is there. */
  readonly available: () => boolean
  /** Of this installation; null for none. */
  readonly label: string | null
  readonly onError: (error: Error) => void
}

export interface RawQueues {
  readonly app: Hono<DashboardEnv>
  start(): void
  stop(): void
}

const PATH = '/queues'
const LOOK_EVERY_MS = 5_000
/** Each open page asks for every queue that often. */
const POLL_SECONDS = 10
/** Neither the red of production nor the green of a test: what an installation is, its label says. */
const BADGE = '#155e91'
const HIDDEN = '(not shown)'
/** Many queues take longer than one lane. */
const PATIENCE_MS = 5_000

export function makeRawQueues({ known, of, available, label, onError }: RawQueuesParts): RawQueues {
  const serverAdapter = new HonoAdapter(serveStatic)
  serverAdapter.setBasePath(PATH)
  const board = createBullBoard({ queues: [], serverAdapter, options: { uiConfig: uiConfig(label) } })
  const shown = new Map<LaneName, BullMQAdapter>()
  const look = async (): Promise<void> => {
    if (!available()) return
    const lanes = new Set(await known())
    for (const [lane, adapter] of shown) {
      if (lanes.has(lane)) continue
      board.removeQueue(adapter)
      shown.delete(lane)
    }
    for (const lane of lanes) {
      if (shown.has(lane)) continue
      const adapter = adapterOf(of(lane), lane)
      board.addQueue(adapter)
      shown.set(lane, adapter)
    }
  }
  const app = new Hono<DashboardEnv>()
  app.use(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
      return problem(c, 405, 'The raw queues are to look at. Lanes and jobs are changed on the dashboard.')
    if (!c.req.path.startsWith(`${PATH}/api/`)) return next()
    // What it asks then would wait for Redis, each time that a page asks.
    if (!available()) return away(c)
    return inTime(next(), PATIENCE_MS).catch((error: unknown) => {
      if (error instanceof LateError) return away(c)
      throw error
    })
  })
  app.route('/', serverAdapter.registerPlugin())
  let timer: NodeJS.Timeout | undefined
  return {
    app,
    start() {
      if (timer !== undefined) return
      const run = () => void look().catch(onError)
      run()
      timer = setInterval(run, LOOK_EVERY_MS)
    },
    stop() {
      clearInterval(timer)
    },
  }
}

const away = (c: Context): Response => problem(c, 503, 'Redis does not answer.')

/** Bull Board decodes names once more than it encodes them: one that is encoded itself, as a lane's, it never finds. */
class ClearNamed extends BullMQAdapter {
  override getName(): string {
    return decodeURIComponent(super.getName())
  }
}

/** What a queued job carries and what came of it is a prompt and an answer, encrypted or not: neither is shown. */
function adapterOf(queue: ReturnType<LaneQueueHandles['of']>, lane: LaneName): BullMQAdapter {
  const { account, region, model } = parseLaneName(lane)
  const adapter = new ClearNamed(queue, {
    readOnlyMode: true,
    displayName: `${model} · ${region} · ${account}`,
  })
  adapter.setFormatter('data', () => HIDDEN)
  adapter.setFormatter('returnValue', () => HIDDEN)
  return adapter
}

function uiConfig(label: string | null) {
  return {
    boardTitle: 'Quarry queues',
    miscLinks: [{ text: 'Dashboard', url: '/' }],
    pollingInterval: { forceInterval: POLL_SECONDS },
    ...(label === null ? {} : { environment: { label, color: BADGE, textColor: '#ffffff' } }),
  }
}
