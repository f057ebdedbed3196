// Binds a job's variables as Jackson binds the Java connector's request class, in the order of the properties. `action` names the class of
// `data` and may come after it. Throws only BindingError.
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { type BeanType, bindBean, tokenOf } from './bind-bean.ts'
import { bindData, type DataBinding, type RequestData, tokenAfter } from './bind-data.ts'
import { bindString, type Place } from './bind-scalar.ts'
import { mismatch } from './binding-error.ts'
import { type Compatibility, readsNewTemplates } from './compatibility.ts'
import { javaNumberText } from './java-number.ts'
import { type OwnAuthentication, ownAuthentication } from './own-credentials.ts'

/** The inputs of a job, bound but not yet checked. */
export interface BoundVariables {
  readonly authentication: Authentication | null
  readonly configuration: Configuration | null
  readonly awsCredential: AwsCredential | null
  readonly data: RequestData | null
}

export type Authentication = (
  | { readonly kind: 'chain' | 'apiKey' }
  | { readonly kind: 'static'; readonly accessKey: string | null; readonly secretKey: string | null }
) & { readonly own: OwnAuthentication }

interface Configuration {
  readonly region: string | null
  readonly endpoint: string | null
}

interface AwsCredential {
  readonly authentication: Authentication | null
  readonly region: string | null
}

const IMPL = 'io.camunda.connector.aws.model.impl'
const STATIC: BeanType = {
  className: `${IMPL}.AwsAuthentication$AwsStaticCredentialsAuthentication`,
  simpleName: 'AwsStaticCredentialsAuthentication',
}
const CONFIGURATION: BeanType = {
  className: `${IMPL}.AwsBaseConfiguration`,
  simpleName: 'AwsBaseConfiguration',
}
const CREDENTIAL: BeanType = {
  className: `${IMPL}.AwsCredentialConfiguration`,
  simpleName: 'AwsCredentialConfiguration',
}
const REQUEST: BeanType = {
  className: 'io.camunda.connector.aws.bedrock.model.BedrockRequest',
  simpleName: 'BedrockRequest',
}
/** Jackson's parser has no current token after a tree was read from it; this is how that prints. */
const NO_TOKEN = 'null'

/** What binding depends on besides the variables. */
interface VariablesBinding extends DataBinding {
  readonly compatibility: Compatibility
}

/** Binds the whole of a job's variables. */
export function bindVariables(variables: JsonValue, binding: VariablesBinding): BoundVariables {
  const read = (properties: JsonObject): BoundVariables => bindRoot(properties, binding)
  return bindBean(variables, { type: REQUEST, place: { path: [] }, read }) ?? NOTHING
}

const NOTHING: BoundVariables = { authentication: null, configuration: null, awsCredential: null, data: null }

function bindRoot(properties: JsonObject, binding: VariablesBinding): BoundVariables {
  const { compatibility, documents } = binding
  const root = { path: [], token: NO_TOKEN, documents }
  let bound = NOTHING
  const data = new TypedData(binding)
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'authentication')
      bound = { ...bound, authentication: bindAuthentication(value, within(root, name)) }
    if (name === 'configuration')
      bound = { ...bound, configuration: bindConfiguration(value, within(root, name)) }
    if (name === 'awsCredential' && readsNewTemplates(compatibility)) {
      bound = { ...bound, awsCredential: bindCredential(value, within(root, name)) }
    }
    if (name === 'action') data.meetAction(value)
    if (name === 'data') data.meetData(value)
  }
  return { ...bound, data: data.finish() }
}

/** Jackson's external type id: `data` is bound when the second of `action` and `data` comes. */
class TypedData {
  #action: string | undefined
  #data: JsonValue | undefined
  #bound: RequestData | null = null
  readonly #binding: DataBinding

  constructor(binding: DataBinding) {
    this.#binding = binding
  }

  meetAction(value: JsonValue): void {
    const action = scalarText(value)
    if (this.#data !== undefined && action === null) {
      throw mismatch('Internal error in external Type Id handling: `null` type id passed')
    }
    this.#action = action ?? undefined
    if (this.#data !== undefined && action !== null) this.#bind(action, this.#data, tokenOf(value))
  }

  meetData(value: JsonValue): void {
    this.#data = value
    if (this.#action !== undefined) this.#bind(this.#action, value, tokenAfter(value))
  }

  #bind(action: string, data: JsonValue, token: string): void {
    this.#bound = bindData({ action, data, token }, this.#binding)
  }

  finish(): RequestData | null {
    if (this.#data === undefined && this.#action !== undefined) {
      throw mismatch("Missing property 'data' for external type id 'action'")
    }
    if (this.#data !== undefined && this.#action === undefined) {
      throw mismatch("Missing external type id property 'action' (and no 'defaultImpl' specified)")
    }
    return this.#bound
  }
}

function scalarText(value: JsonValue): string | null {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  const number = numberText(value)
  return number === null ? null : javaNumberText(number)
}

function bindAuthentication(value: JsonValue, place: Place): Authentication | null {
  // Any other type means keys: diagrams from before the choice have no type.
  if (isJsonObject(value) && value['type'] === 'defaultCredentialsChain')
    return { kind: 'chain', own: ownAuthentication(value) }
  if (isJsonObject(value) && value['type'] === 'apiKey')
    return { kind: 'apiKey', own: ownAuthentication(value) }
  const read = (properties: JsonObject): Authentication => {
    const { accessKey = null, secretKey = null } = bindStrings(properties, place, ['accessKey', 'secretKey'])
    return { kind: 'static', accessKey, secretKey, own: ownAuthentication(properties) }
  }
  return bindBean(value, { type: STATIC, place: { path: place.path }, read })
}

function bindConfiguration(value: JsonValue, place: Place): Configuration | null {
  const read = (properties: JsonObject): Configuration => {
    const { region = null, endpoint = null } = bindStrings(properties, place, ['region', 'endpoint'])
    return { region, endpoint }
  }
  return bindBean(value, { type: CONFIGURATION, place: { path: place.path }, read })
}

function bindCredential(value: JsonValue, place: Place): AwsCredential | null {
  const read = (properties: JsonObject): AwsCredential => {
    const { region = null } = bindStrings(properties, place, ['region'])
    const authentication = bindAuthentication(
      properties['authentication'] ?? null,
      within(place, 'authentication'),
    )
    return { authentication, region }
  }
  return bindBean(value, { type: CREDENTIAL, place: { path: place.path }, read })
}

function bindStrings<Name extends string>(
  properties: JsonObject,
  place: Place,
  names: readonly Name[],
): { readonly [Key in Name]?: string | null } {
  const bound: { [Key in Name]?: string | null } = {}
  for (const [key, value] of Object.entries(properties)) {
    const name = names.find((candidate) => candidate === key)
    if (name !== undefined) bound[name] = bindString(value, within(place, key))
  }
  return bound
}

function within(place: Place, name: string): Place {
  return { ...place, path: [...place.path, name] }
}
