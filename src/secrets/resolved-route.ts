// The route of a job whose region, model or access key is a secret. Resolves only these, and within a time limit: activation must not wait
// long for a source of secrets that is away. Nothing of it is stored or logged.

import { type Aside, HERE } from '../aside/aside.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import { requestRoute } from '../connector/request-route.ts'
import { mayHoldSecrets } from '../connector/secret-reference.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import { LARGE_UNITS } from '../job/large-job.ts'
import type { Route } from '../job/request-lane.ts'
import { answerOrNull } from '../time/bounded-wait.ts'
import type { SecretResolver } from './secret-resolver.ts'

/** How long routing waits for secrets, ms. */
const PATIENCE_MS = 2_000

export interface ResolvedRouteOptions {
  /** Reads large variables. @default here */
  readonly aside?: Aside
  readonly patienceMs?: number
}

const NOWHERE: Route = { region: null, modelId: null, accessKey: null }

/**
 * A job with a missing secret has no route: the worker then fails it with the right message. While a source is away, the access key counts
 * as written; a job whose region or model is a secret has no route then, and the worker finds its lane when it has the secret.
 */
export function makeResolvedRoute(
  secrets: SecretResolver,
  compatibility: Compatibility,
  { aside = HERE, patienceMs = PATIENCE_MS }: ResolvedRouteOptions = {},
): (job: ActivatedJob) => Promise<Route> {
  return async (job) => {
    const { variables } = job
    const routed = (text: string): Route => requestRoute(text, compatibility)
    if (variables.length < LARGE_UNITS && !mayHoldSecrets(variables)) return routed(variables)
    const about = { units: variables.length, owner: job }
    // If reading takes too long, the worker finds the lane, or why there is none.
    const inputs = await aside.run('routeInputs', about, variables, compatibility).catch(() => '{}')
    if (!mayHoldSecrets(inputs)) return routed(inputs)
    const resolved = await answerOrNull(patienceMs, secrets.resolve(job, inputs))
    if (resolved?.ok === true) return routed(resolved.variables)
    if (resolved?.error.input === true) return NOWHERE
    const route = routed(inputs)
    return mayHoldSecrets(`${route.region} ${route.modelId}`) ? NOWHERE : route
  }
}
