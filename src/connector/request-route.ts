// A lenient look at a job's variables for routing: which lane the job would go to. Never judges: a job that cannot
// be sent has no route here, and the worker then fails it with the true message. Never logs what it is given.
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberText,
  parseJson,
  stringifyJson,
} from '../job/json.ts'
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

/**
 * The part of a job's variables that {@link requestRoute} looks at.
 * @param variables - JSON text.
 * @returns JSON text of the same shape.
 */
export function routeInputs(variables: string): string {
  const root = read(variables)
  const credential = unwrapped(root, 'awsCredential')
  const authentication = (value: JsonValue): JsonValue =>
    part(unwrapped(value, 'authentication'), ['type', 'accessKey'])
  return stringifyJson({
    configuration: part(unwrapped(root, 'configuration'), ['region']),
    data: part(unwrapped(root, 'data'), ['modelId']),
    authentication: authentication(root),
    ...(credential === null
      ? {}
      : { awsCredential: { ...part(credential, ['region']), authentication: authentication(credential) } }),
  })
}

function part(value: JsonValue, names: readonly string[]): JsonObject {
  const kept = names.map((name) => [name, unwrapped(value, name)] as const)
  return Object.fromEntries(kept.filter(([, inner]) => inner !== null))
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
