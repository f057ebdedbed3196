// Which lane a request is for. Wiring only.

import { makeAccountStore } from '../src/accounts/account-store.ts'
import { makeCredentialAccounts } from '../src/accounts/credential-accounts.ts'
import type { ProvenCredentials } from '../src/accounts/proven-credentials.ts'
import { makeAccountQuestions } from '../src/aws/caller-identity.ts'
import type { CredentialSources } from '../src/aws/credential-sources.ts'
import { laneModelId } from '../src/connector/bedrock-request.ts'
import type { ExecuteParts } from '../src/execute/execute-job.ts'
import { refusesCredential } from '../src/execute/pace-end.ts'
import { laneRegion, requestLane } from '../src/job/request-lane.ts'
import { saidAccounts } from './adapter-account.ts'
import type { ProcessParts } from './role.ts'

interface RequestLanes {
  readonly laneOf: ExecuteParts['laneOf']
  close(): void
}

/** What a worker finds the lane of a request by. */
export function makeRequestLanes(
  parts: ProcessParts,
  proven: ProvenCredentials,
  sources: CredentialSources,
): RequestLanes {
  const { settings, redis, keys, events } = parts
  const { stsEndpoint: endpoint, accounts: by, ...way } = settings.aws
  const questions = makeAccountQuestions(way, { endpoint, refuses: refusesCredential, sources })
  const { regions } = settings
  const accounts = makeCredentialAccounts({
    by,
    ask: questions.ask,
    store: makeAccountStore(redis, keys),
    said: saidAccounts(parts),
    proven,
    stsRegion(asked) {
      const region = laneRegion(asked)
      return regions === undefined || regions.includes(region) ? region : (regions[0] ?? region)
    },
    onAway: (region, { name, message }) =>
      events.emit('accountsAway', { region, reason: `${name}: ${message}` }),
    onFault: (error) => events.emit('fault', { where: 'keeping the account of a credential', error }),
    now: () => performance.now(),
  })
  return {
    laneOf: async ({ region, call: { action, modelId }, credentials }) =>
      requestLane({ region, modelId: laneModelId(action, modelId) }, await accounts.of(credentials, region)),
    close: questions.close,
  }
}
