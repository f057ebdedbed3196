// A lenient look at a job's variables for routing: which lane the job would go to. Never judges: a job that cannot
// be sent has no route here, and the worker then fails it with the true message. Never logs what it is given.
import { isJsonObject, type JsonValue, numberText, parseJson } from '../job/json.ts'
import { isHostLabel } from './check-request.ts'

/** What a lane is made of. */
export interface RequestRoute {
  readonly region: string | null
  readonly modelId: string | null
  /** Access key that the diagram gives, secrets not resolved; null for the worker's own credentials chain. */
  readonly accessKey: string | null
}

const NOWHERE: RequestRoute = { region: null, modelId: null, accessKey: null }

/** @param variables - JSON text. Both region and model are null unless the job seems fit to be sent. */
export function requestRoute(variables: string): RequestRoute {
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
  return found === '' ? null : found
}
