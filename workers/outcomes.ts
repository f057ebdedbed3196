// How a bedrock role decides the outcomes of jobs, with an answer and without one. Wiring only.
import { makeStoreDocument, patientStore } from '../src/documents/store-document.ts'
import { makeOutageReason } from '../src/execute/outage-reason.ts'
import { makeOutcomeRules, type OutcomeRules } from '../src/execute/outcome-of.ts'
import { makeOverdueOutcome, type OverdueOutcome, type OverdueParts } from '../src/execute/overdue.ts'
import type { FeelPool } from '../src/feel/pool.ts'
import type { LaneName } from '../src/job/ids.ts'
import { readOutages } from '../src/lanes/read-outages.ts'
import { lineOfJob } from './connector-line.ts'
import type { camundaAccess } from './gateway.ts'
import type { ProcessParts } from './role.ts'

/** How long Camunda's document store may refuse a part of a paid answer. */
const STORE_PATIENCE_MS = 5 * 60_000

export function outcomeRules(
  { settings, events }: ProcessParts,
  { evaluate }: FeelPool,
  { rest }: ReturnType<typeof camundaAccess>,
  stopping: AbortSignal,
): OutcomeRules {
  const onFailure = (error: unknown) => events.emit('fault', { where: 'storing a document, again', error })
  const patience = { patienceMs: STORE_PATIENCE_MS, stopping, onFailure }
  return makeOutcomeRules({
    compatibility: lineOfJob(settings, {}),
    evaluate,
    storeDocument:
      rest === null
        ? undefined
        : patientStore(makeStoreDocument(rest, settings.documents.timeoutMs), patience),
    onFault: ({ key }, error) => events.emit('fault', { where: `deciding what job ${key} came to`, error }),
  })
}

export function overdueOutcome(
  { settings: { maxWaitMs }, events, redis, keys, codec }: ProcessParts,
  rules: OutcomeRules,
  { limitOf, served }: Pick<OverdueParts, 'limitOf' | 'served'>,
): OverdueOutcome {
  const readWhy = async (lane: LaneName) => (await readOutages(redis, keys, [lane]))[0]?.why ?? null
  const outageOf = makeOutageReason(events, readWhy, () => !codec.encrypts)
  return makeOverdueOutcome({ codec, rules, maxWaitMs, limitOf, served, outageOf })
}
