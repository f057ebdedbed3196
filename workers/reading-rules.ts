// The rules by which a worker reads jobs. Wiring only.
import { makeCredentialCheck, makeEndpointCheck, makeLaneCheck } from '../src/execute/allowed-calls.ts'
import type { QueuedJob } from '../src/job/queued-job.ts'
import { byLine, lineOfJob } from './connector-line.ts'
import { bindOptions } from './documents.ts'
import type { ProcessParts } from './role.ts'

export function readingRules({ settings, laneRules }: ProcessParts) {
  const optionsOf = byLine((line) => bindOptions(line, settings))
  return {
    readTimeoutMs: settings.readTimeoutMs,
    random: Math.random,
    bindOptions: (job: QueuedJob) => optionsOf(lineOfJob(settings, job)),
    checkEndpoint: makeEndpointCheck(settings.endpointAllow),
    checkLane: makeLaneCheck(() => laneRules.current().allow),
    checkCredential: makeCredentialCheck(laneRules.current),
  }
}
