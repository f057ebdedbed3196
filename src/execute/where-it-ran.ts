// Where a job ran that might have run elsewhere, told to its process: whoever may send data to other regions must be able to say
// where it went. Pure.
import { isJsonObject, parseJson, stringifyJson } from '../job/json.ts'
import type { Lane } from '../job/lane.ts'
import type { Outcome } from '../job/outcome.ts'

/** Process variable of a completed job of a lane with a route. */
const RAN_IN = 'quarryRanIn'

/** An outcome with the region and model that answered; what is no completion stays as it is. */
export function tellWhereItRan(outcome: Outcome, { region, model }: Lane): Outcome {
  if (outcome.kind !== 'completed') return outcome
  const variables = parseJson(outcome.variables)
  if (!isJsonObject(variables)) return outcome
  return { ...outcome, variables: stringifyJson({ ...variables, [RAN_IN]: { region, model } }) }
}
