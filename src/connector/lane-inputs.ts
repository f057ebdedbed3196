// Reads the inputs that decide the lane of a job from its variables, by the binding rules of the worker. Never judges: a job that
// cannot be sent, or whose lane depends on a document, has no lane here; the worker then fails it with the right message, or finds its
// lane. Never logs its input.
import { credentialName } from '../job/credential.ts'
import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import { type LaneInputs, NOWHERE } from '../job/request-lane.ts'
import { laneModelId } from './bedrock-request.ts'
import { bindString } from './bind-scalar.ts'
import { bindVariables } from './bind-variables.ts'
import { checkRegion, credentialsOf, effective } from './check-request.ts'
import { type Compatibility, readsNewTemplates } from './compatibility.ts'
import { makeDocumentBinding } from './documents/bind-documents.ts'
import { DocumentSupply, GatheredNeeds } from './documents/document-supply.ts'
import { hasTooManyValues, tooManyValues } from './value-count.ts'

/** @param variables - JSON text. Region and model are both null unless the job can probably be sent. */
export function laneInputs(variables: string, compatibility: Compatibility): LaneInputs {
  try {
    return bound(inputsOf(variables, compatibility), compatibility)
  } catch {
    // Binding failed, needs a document, or nests too deep: one job must not hold up those that came with it.
    return NOWHERE
  }
}

/**
 * The part of a job's variables that {@link laneInputs} reads.
 * @param variables - JSON text.
 * @returns JSON text of the same shape.
 */
export function laneVariables(variables: string, compatibility: Compatibility): string {
  try {
    return stringifyJson(inputsOf(variables, compatibility))
  } catch {
    return '{}'
  }
}

function bound({ data, action, ...others }: JsonObject, compatibility: Compatibility): LaneInputs {
  const needs = new GatheredNeeds()
  const documents = makeDocumentBinding(new DocumentSupply(), compatibility, needs)
  const inputs = effective(bindVariables(others, { compatibility, rescueDocuments: false, documents }))
  const region = checkRegion(inputs, compatibility)
  const place = { path: ['modelId'], token: 'null', documents }
  const named = isJsonObject(data) ? bindString(data['modelId'], place) : null
  const modelId = typeof action === 'string' ? laneModelId(action, named) : named
  needs.check()
  if (!region.ok || modelId === null || modelId === '') return NOWHERE
  const name = credentialName(credentialsOf(inputs.authentication))
  return { region: region.value, modelId, credential: name === '' ? null : name }
}

function inputsOf(variables: string, compatibility: Compatibility): JsonObject {
  const root = read(variables)
  const credential = readsNewTemplates(compatibility) ? unwrapped(root, 'awsCredential') : null
  const authentication = (value: JsonValue): JsonObject =>
    part(unwrapped(value, 'authentication'), ['type', 'accessKey', 'apiKey', 'roleArn'])
  return {
    configuration: part(unwrapped(root, 'configuration'), ['region']),
    data: part(unwrapped(root, 'data'), ['modelId']),
    ...part(single(root), ['action']),
    authentication: authentication(root),
    ...(credential === null
      ? {}
      : { awsCredential: { ...part(credential, ['region']), authentication: authentication(credential) } }),
  }
}

function part(value: JsonValue, names: readonly string[]): JsonObject {
  if (!isJsonObject(value)) return {}
  const kept = names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name] ?? null])
  return Object.fromEntries(kept)
}

/** Numbers may lose digits here: then the worker finds the lane. */
function read(variables: string): JsonValue {
  if (hasTooManyValues(variables)) throw new RangeError(tooManyValues())
  try {
    return single(JSON.parse(variables) as JsonValue)
  } catch {
    return null
  }
}

function single(value: JsonValue | undefined): JsonValue {
  const [only] = Array.isArray(value) && value.length === 1 ? value : [value]
  return only ?? null
}

function unwrapped(value: JsonValue, name: string): JsonValue {
  return isJsonObject(value) && Object.hasOwn(value, name) ? single(value[name]) : null
}
