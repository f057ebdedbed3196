// A lenient look at a job's variables for routing: which lane the job would go to. Never judges: a job that cannot
// be sent has no route here, and the worker then fails it with the true message. Never logs what it is given.
import { isJsonObject, type JsonValue, numberText, parseJson } from '../job/json.ts'
import type { Route } from '../job/route.ts'
import { isHostLabel } from './check-request.ts'
import { isBlank } from './java-text.ts'

const NOWHERE: Route = { region: null, modelId: null, accessKey: null }

/** @param variables - JSON text. Both region and model are null unless the job seems fit to be sent. */
export function requestRoute(variables: string): Route {
  const root = read(variables)
  const credential = unwrapped(root, 'awsCredential')
  const region = text(unwrapped(root, 'configuration'), 'region') ?? text(credential, 'region')
  const modelId = text(unwrapped(root, 'data'), 'modelId')
  if (region === null || !isHostLabel(region) || modelId === null) return NOWHERE
  const authentication = unwrapped(credential ?? root, 'authentication')
  const chain = text(authentication, 'type') === 'defaultCredentialsChain'
  return { region, modelId, accessKey: chain ? null : text(authentication, 'accessKey') }
}

function read(variables: string): JsonValue {
  try {
    return single(parseJson(variables))
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

function text(value: JsonValue, name: string): string | null {
  const found = unwrapped(value, name)
  if (typeof found !== 'string') return numberText(found)
  return isBlank(found) ? null : found
}
