// Outcomes that this reporter cannot read, because a worker encrypted them with a key that it lacks.
import type { LaneName } from '../job/ids.ts'
import type { KeyGaps } from '../payload/key-gaps.ts'
import type { PayloadError } from '../payload/payload-codec.ts'
import type { Events } from '../telemetry/events.ts'

export interface UnreadOutcomes {
  /** One was found. Resolves with whether it is left to reporters that can read it. */
  met(about: { readonly jobKey: string; readonly lane: LaneName }, error: PayloadError): Promise<boolean>
  /** Whether all outcomes are left to others for now. */
  areLeft(): boolean
}

const PLACE = 'outcomes'
/** An outcome that nobody can read is found again after a minute, when the reporter takes over what nobody has touched. */
const MET_AGAIN_MS = 90_000

export function makeUnreadOutcomes(gaps: KeyGaps, events: Events): UnreadOutcomes {
  let metAt = Number.NEGATIVE_INFINITY
  const place = {
    name: PLACE,
    role: 'adapter' as const,
    region: null,
    remains: async () => performance.now() - metAt < MET_AGAIN_MS,
  }
  return {
    async met({ jobKey, lane }, error) {
      if (error.keyId === undefined) {
        events.emit('payloadRefused', { jobKey, lane, why: error.code, message: error.message })
        return false
      }
      metAt = performance.now()
      const left = await gaps.met(place, error.keyId)
      events.emit('payloadUnread', { jobKey, lane, keyId: error.keyId, left })
      return left
    },
    areLeft: () => gaps.isLeft(PLACE),
  }
}
