// Which lane a job goes into: pure, from what its variables say.
import { createHmac } from 'node:crypto'
import { type Lane, UNROUTABLE } from '../job/lane.ts'
import type { Route } from '../job/route.ts'

/**
 * The lane of a job. An access key stands in a lane's name by a pseudonym only, made with a key that never
 * leaves Redis, so that a name on a dashboard gives nothing away.
 */
export function chooseLane(route: Route, accountKey: string): Lane {
  const { region, modelId, accessKey } = route
  if (region === null || modelId === null) return UNROUTABLE
  const pseudonym = (key: string): string =>
    createHmac('sha256', accountKey).update(key).digest('hex').slice(0, 10)
  return { region, model: modelId, account: accessKey === null ? 'default' : pseudonym(accessKey) }
}
