// Whether a task may call the model and region that it names: of those that the lanes file allows its tenant. Pure.
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { isAllowed } from '../pace/allowed-lanes.ts'
import type { AllowRule } from '../pace/lane-rules.ts'

/** What a job fails with before anything is sent; null: it may be sent. */
export type CheckLane = (job: Pick<QueuedJob, 'tenantId'>, request: BedrockRequest) => ConnectorError | null

/** @param allow - the rules of this moment; undefined: there are none, and everything is allowed. */
export function makeLaneCheck(allow: () => readonly AllowRule[] | undefined): CheckLane {
  return ({ tenantId }, { region, call: { modelId: model } }) =>
    isAllowed(allow(), tenantId, { region, model })
      ? null
      : inputError(
          `The model ${model} in ${region} is not allowed for tenant ${tenantId}: no entry of "allow" in the lanes file of Quarry (QUARRY_LANES_FILE) fits. Add one there, or change region or model of the task.`,
        )
}
