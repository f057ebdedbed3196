// Why a lane gets no answers of Bedrock, as far as Zeebe is told it. Redis has the words for all to see; where there is a payload
// key, whoever can write to Redis has no say in what is told, and only what this process met itself counts.
import type { LaneName } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'

const ASK = '`quarry lanes` tells why'
const MOST_REMEMBERED = 1_000

/**
 * @param read - the reason that Redis has; null when the lane gets answers.
 * @param believed - whether what Redis has is told.
 */
export function makeOutageReason(
  events: Pick<Events, 'on'>,
  read: (lane: LaneName) => Promise<string | null>,
  believed: () => boolean,
): (lane: LaneName) => Promise<string | null> {
  const met = new Map<LaneName, string>()
  events.on('outageBegan', ({ lane, why }) => {
    met.delete(lane)
    met.set(lane, why)
    const [oldest] = met.keys()
    if (met.size > MOST_REMEMBERED && oldest !== undefined) met.delete(oldest)
  })
  events.on('outageEnded', ({ lane }) => met.delete(lane))
  return async (lane) => {
    const why = await read(lane)
    return why === null || believed() ? why : (met.get(lane) ?? ASK)
  }
}
