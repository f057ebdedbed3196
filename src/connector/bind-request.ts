// From a job's variables to a request for Bedrock, or to the failure that the Java connector would report: binding first, then bean
// validation, then what fails on the way to the call. Pure; never logs its input.
import { type JsonValue, parseJson } from '../job/json.ts'
import type { BedrockRequest } from './bedrock-request.ts'
import { bindCall } from './bind-call.ts'
import { type BoundVariables, bindVariables } from './bind-variables.ts'
import { BindingError } from './binding-error.ts'
import { checkRegion, credentialFaults, credentialsOf, effective, violations } from './check-request.ts'
import { type Compatibility, readsNewTemplates } from './compatibility.ts'
import { type ConnectorError, inputError } from './connector-error.ts'
import { makeDocumentBinding, TooManyDocuments } from './documents/bind-documents.ts'
import { type DocumentRules, documentRules } from './documents/document-rules.ts'
import { DocumentSupply, GatheredNeeds } from './documents/document-supply.ts'
import { NestingError } from './java-number.ts'
import { asTemplateV1, fromTemplateV1, isTemplateV1 } from './template-v1.ts'
import { hasTooManyValues, tooManyValues } from './value-count.ts'

export type Bound =
  | { readonly ok: true; readonly request: BedrockRequest }
  | { readonly ok: false; readonly error: ConnectorError }

export interface BindOptions {
  readonly compatibility: Compatibility
  /** Whether Quarry runs as SaaS, where diagrams must not use the worker's own credentials. */
  readonly saas?: boolean
  /** Whether diagrams of template version 1 (8.6) are understood. @default false */
  readonly templateV1?: boolean
  /** How documents become blocks. @default by the compatibility */
  readonly documentRules?: DocumentRules
  /** Whether documents that the engine lost are restored from the element template's helper keys. @default false */
  readonly rescueDocuments?: boolean
  /** Documents that are there already; everything missing is asked for at once. @default nothing */
  readonly supply?: DocumentSupply
}

/**
 * Binds and checks a job's variables, given as JSON text.
 * @throws NeedsDocument when something from outside must be added to the supply first; then bind again.
 */
export function bindRequest(variables: string, options: BindOptions): Bound {
  const needs = new GatheredNeeds()
  try {
    const bound = bindGathering(variables, options, needs)
    needs.check()
    return bound
  } catch (error) {
    if (!(error instanceof BindingError || error instanceof NestingError)) throw error
    if (!(error instanceof TooManyDocuments)) needs.check()
    return { ok: false, error: error instanceof BindingError ? error.failure : inputError(error.message) }
  }
}

function bindGathering(variables: string, options: BindOptions, needs: GatheredNeeds): Bound {
  const { compatibility, rescueDocuments = false, supply = new DocumentSupply() } = options
  const documents = makeDocumentBinding(supply, compatibility, needs)
  const binding = { compatibility, rescueDocuments, documents }
  const inputs = read(variables)
  const version1 = options.templateV1 === true && isTemplateV1(inputs)
  const bound = bindVariables(version1 ? fromTemplateV1(inputs, documents) : inputs, binding)
  const checked = check(bound, { ...options, supply, needs })
  return version1 ? boundTemplateV1(checked) : checked
}

function boundTemplateV1(bound: Bound): Bound {
  if (!bound.ok) return { ok: false, error: asTemplateV1(bound.error) }
  const { call, ...request } = bound.request
  if (call.action !== 'converse') return bound
  return { ok: true, request: { ...request, call: { ...call, templateV1: true } } }
}

function read(variables: string): JsonValue {
  if (hasTooManyValues(variables)) throw new BindingError(inputError(tooManyValues()))
  try {
    return parseJson(variables)
  } catch {
    throw new BindingError(inputError('This is not a JSON object'))
  }
}

function check(
  bound: BoundVariables,
  options: BindOptions & { readonly supply: DocumentSupply; readonly needs: GatheredNeeds },
): Bound {
  const { compatibility, saas = false, supply, needs } = options
  const invalid = violations(bound, compatibility, saas) ?? credentialFaults(bound)
  if (invalid !== null) return { ok: false, error: invalid }
  const inputs = effective(bound)
  const region = checkRegion(inputs, compatibility)
  if (!region.ok) return region
  const rules = options.documentRules ?? documentRules(compatibility)
  const call = bound.data === null ? null : bindCall(bound.data, { rules, supply, needs })
  if (call === null) throw new Error('Validation let a job without data pass')
  if (!call.ok) return call
  const { endpoint } = inputs
  const request: BedrockRequest = {
    credentials: credentialsOf(inputs.authentication),
    region: region.value,
    call: call.value,
    size: call.size,
    ...(readsNewTemplates(compatibility) && endpoint !== null && endpoint.trim() !== '' ? { endpoint } : {}),
  }
  return { ok: true, request }
}
