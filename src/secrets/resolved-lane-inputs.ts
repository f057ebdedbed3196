// The lane inputs of a job whose region, model or access key is a secret. Resolves only these, and within a time limit: activation must not wait
// long for a source of secrets that is away. Nothing of it is stored or logged.

import { type Aside, HERE } from '../aside/aside.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import { laneInputs } from '../connector/lane-inputs.ts'
import { mayHoldSecrets } from '../connector/secret-reference.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import { LARGE_UNITS } from '../job/large-job.ts'
import { type LaneInputs, NOWHERE } from '../job/request-lane.ts'
import { answerOrNull } from '../time/bounded-wait.ts'
import type { SecretResolver } from './secret-resolver.ts'

/** How long reading waits for secrets, ms. */
const PATIENCE_MS = 2_000

interface ResolvedLaneInputsOptions {
  /** Reads large variables. @default here */
  readonly aside?: Aside
  readonly patienceMs?: number
}

/**
 * A job with a missing secret has no lane: the worker then fails it with the right message. While a source is away, the access key counts
 * as written; a job whose region or model is a secret has no lane then, and the worker finds its lane when it has the secret.
 */
export function makeResolvedLaneInputs(
  secrets: SecretResolver,
  compatibility: Compatibility,
  { aside = HERE, patienceMs = PATIENCE_MS }: ResolvedLaneInputsOptions = {},
): (job: ActivatedJob) => Promise<LaneInputs> {
  return async (activated) => {
    const job = { ...activated, line: compatibility }
    const { variables } = job
    const read = (text: string): LaneInputs => laneInputs(text, compatibility)
    if (variables.length < LARGE_UNITS && !mayHoldSecrets(variables)) return read(variables)
    const about = { units: variables.length, owner: job }
    // If reading takes too long, the worker finds the lane, or why there is none.
    const inputs = await aside.run('laneVariables', about, variables, compatibility).catch(() => '{}')
    if (!mayHoldSecrets(inputs)) return read(inputs)
    const resolved = await answerOrNull(patienceMs, secrets.resolve(job, inputs))
    if (resolved?.ok === true) return read(resolved.variables)
    if (resolved?.error.input === true) return NOWHERE
    const asWritten = read(inputs)
    return mayHoldSecrets(`${asWritten.region} ${asWritten.modelId}`) ? NOWHERE : asWritten
  }
}
