// The dashboard: the page, its API and the raw queues, behind one guard. The ops role serves it.
import { Hono } from 'hono'
import type { Service } from '../time/service.ts'
import type { Access } from './access.ts'
import { type ApiParts, makeApi } from './api.ts'
import { type DashboardEnv, type GuardParts, makeGuard } from './guard.ts'
import { makePageFiles } from './page-files.ts'
import { problem } from './problem.ts'
import { makeRawQueues } from './raw-queues.ts'
import { keepTls, pageHeaders, queueHeaders } from './security-headers.ts'
import { makeTrustedProxies } from './trusted-proxies.ts'

interface DashboardParts extends ApiParts {
  readonly access: Access
  readonly queues: Parameters<typeof makeRawQueues>[0]
  readonly onFault: (error: unknown) => void
  readonly onForwarded: GuardParts['onForwarded']
  /** ms since the epoch. */
  readonly now: () => number
}

export interface Dashboard {
  /** Serves `/`, `/assets`, `/api` and `/queues`. */
  readonly app: Hono<DashboardEnv>
  readonly service: Service
}

export function makeDashboard(parts: DashboardParts): Dashboard {
  const { access, board, now, onForwarded } = parts
  const app = new Hono<DashboardEnv>()
  const guard = makeGuard({ access, now, onForwarded })
  const tls = keepTls(makeTrustedProxies('trusted' in access ? access.trusted : []))
  for (const path of ['/', '/assets/*', '/api/*']) app.use(path, tls, pageHeaders(), guard)
  app.use('/queues/*', tls, queueHeaders(), guard)
  app.route('/api', makeApi(parts))
  app.route('/', makePageFiles())
  app.route('/queues', makeRawQueues(parts.queues))
  app.onError((error, c) => {
    parts.onFault(error)
    return problem(c, 500, 'The dashboard failed; the log of this process has the error.')
  })
  return { app, service: board }
}
