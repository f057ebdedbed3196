// Why a lane gets no answers from Bedrock, for error messages. The reason in Redis is visible and writable to all its users. So with a payload
// key only reasons that this process saw itself are used.
import type { LaneName } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'

const ASK = '`quarry lanes` tells why'
const MOST_REMEMBERED = 1_000

/**
 * @param read - the reason in Redis; null if the lane gets answers.
 * @param believed - whether the text from Redis may be used.
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
