// What each version of the connector's element template writes into a diagram when it is filled in. Facts only: names
// of inputs and headers, and when they are written; the FEEL of the composer is our own, with the described effect.

export type Action = 'invokeModel' | 'converse'

/** How documents are given. Before version 4 there is one way: a list, by FEEL. */
export type DocumentMode = 'none' | 'camunda' | 'inline' | 'external' | 'multiple'

export interface TemplateVersion {
  readonly version: number
  /** Engines that the Modeler offers it for. */
  readonly engines: '^8.6' | '^8.10'
  readonly newMessage: 'nextMessage' | 'newMessage'
  readonly history: 'messages' | 'messagesHistory'
  /** Numbers are texts where the property is a String, FEEL where it is a Number. */
  readonly numbers: 'text' | 'feel'
  /** `composed`: a hidden FEEL mapping makes the list out of helper inputs written before it. */
  readonly documents: 'none' | 'list' | 'composed'
  /** What the composer puts before the names of the helper inputs. */
  readonly composerPath: '' | 'data.'
  readonly actionFirst: boolean
  /** Headers that tell the template and its version. */
  readonly namesItself: boolean
  readonly retryBackoff: 'PT0S' | 'PT30S'
  /** Has a chooser of a reusable credential, and the header `jobTimeout`. */
  readonly awsCredential: boolean
  /** Writes `authentication.*` and `configuration.*` beside a chosen credential too. */
  readonly inlineBesideCredential: boolean
}

export const TEMPLATE_ID = 'io.camunda.connectors.aws.bedrock.v1'
export const HYBRID_TEMPLATE_ID = 'io.camunda.connectors.aws.bedrock.v1-hybrid'

const FIRST: TemplateVersion = {
  version: 1,
  engines: '^8.6',
  newMessage: 'nextMessage',
  history: 'messages',
  numbers: 'text',
  documents: 'none',
  composerPath: '',
  actionFirst: false,
  namesItself: false,
  retryBackoff: 'PT0S',
  awsCredential: false,
  inlineBesideCredential: true,
}
const SECOND: TemplateVersion = {
  ...FIRST,
  version: 2,
  newMessage: 'newMessage',
  history: 'messagesHistory',
  numbers: 'feel',
  documents: 'list',
}
const THIRD: TemplateVersion = { ...SECOND, version: 3, namesItself: true }
const FOURTH: TemplateVersion = {
  ...THIRD,
  version: 4,
  engines: '^8.10',
  documents: 'composed',
  retryBackoff: 'PT30S',
}
const FIFTH: TemplateVersion = { ...FOURTH, version: 5, actionFirst: true }
const SIXTH: TemplateVersion = { ...FIFTH, version: 6, awsCredential: true }
const SEVENTH: TemplateVersion = { ...SIXTH, version: 7, composerPath: 'data.' }
const EIGHTH: TemplateVersion = { ...SEVENTH, version: 8, inlineBesideCredential: false }

export const templateVersions: readonly TemplateVersion[] = [
  FIRST,
  SECOND,
  THIRD,
  FOURTH,
  FIFTH,
  SIXTH,
  SEVENTH,
  EIGHTH,
]

/** What a person fills in. Texts are as typed; a `=` makes FEEL of them where the field takes it. */
export interface Filled {
  readonly action: Action
  readonly modelId: string
  readonly authentication:
    | { readonly kind: 'chain' }
    | { readonly kind: 'keys'; readonly accessKey: string; readonly secretKey: string }
    /** The name of a cluster variable. */
    | { readonly kind: 'awsCredential'; readonly name: string }
  /** Not asked for by version 8 beside a credential. */
  readonly region?: string
  /** FEEL, for invokeModel. */
  readonly payload?: string
  readonly newMessage?: string
  /** FEEL. */
  readonly history?: string
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly documents?: FilledDocuments
  readonly resultVariable?: string
  readonly jobTimeout?: string
  /** Makes it the hybrid template: the job type is a field too. */
  readonly jobType?: string
}

export type FilledDocuments =
  | { readonly mode: 'none' }
  /** FEEL that gives a reference. */
  | { readonly mode: 'camunda'; readonly reference: string }
  | {
      readonly mode: 'inline'
      readonly content: string
      readonly fileName?: string
      readonly contentType?: string
    }
  | { readonly mode: 'external'; readonly url: string; readonly fileName?: string }
  /** FEEL that gives a list of references. */
  | { readonly mode: 'multiple'; readonly expression: string }

/** What stands in the diagram then. */
export interface WrittenTask {
  /** Absent: the default, `io.camunda:aws-bedrock:1`. */
  readonly jobType?: string
  readonly retries: string
  readonly inputs: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** Fills in a template: inputs are in the order of its properties, which the composer depends on. */
export function fillIn(version: TemplateVersion, filled: Filled): WrittenTask {
  const { action, jobType } = filled
  const data = action === 'invokeModel' ? invokeInputs(filled) : converseInputs(version, filled)
  const access = accessInputs(version, filled)
  const ordered = version.actionFirst ? { action, ...access } : { ...access, action }
  return {
    ...(jobType === undefined ? {} : { jobType }),
    retries: '3',
    inputs: { ...ordered, ...data },
    headers: headersOf(version, filled),
  }
}

function accessInputs(version: TemplateVersion, { authentication, region }: Filled): Record<string, string> {
  const place = region === undefined ? {} : { 'configuration.region': region }
  if (authentication.kind === 'awsCredential') {
    if (!version.awsCredential) throw new Error(`Version ${version.version} has no reusable credential`)
    const credential = { awsCredential: `=camunda.vars.env.${authentication.name}` }
    if (!version.inlineBesideCredential) return credential
    // The chooser of the way of authentication keeps its default.
    return { ...credential, 'authentication.type': 'credentials', ...place }
  }
  if (authentication.kind === 'chain') return { 'authentication.type': 'defaultCredentialsChain', ...place }
  const { accessKey, secretKey } = authentication
  const keys = { 'authentication.accessKey': accessKey, 'authentication.secretKey': secretKey }
  return { 'authentication.type': 'credentials', ...keys, ...place }
}

function invokeInputs({ modelId, payload = '={}' }: Filled): Record<string, string> {
  return { 'data.modelId': modelId, 'data.payload': payload }
}

function converseInputs(version: TemplateVersion, filled: Filled): Record<string, string> {
  const { modelId, newMessage, history, maxTokens, temperature, topP } = filled
  const number = (value: number | undefined) =>
    value === undefined ? undefined : `${version.numbers === 'feel' ? '=' : ''}${value}`
  return written({
    [`data.${version.history}`]: history,
    'data.modelId': modelId,
    [`data.${version.newMessage}`]: newMessage,
    'data.maxTokens': number(maxTokens),
    'data.temperature': number(temperature),
    'data.topP': number(topP),
    ...documentInputs(version, filled.documents ?? { mode: 'none' }),
  })
}

const HELPER = 'data_newDocuments_'

function documentInputs(
  version: TemplateVersion,
  documents: FilledDocuments,
): Record<string, string | undefined> {
  const { mode } = documents
  if (version.documents === 'composed') {
    const helpers = Object.entries(composerInputs(documents)).map(([name, value]) => [
      `data.${HELPER}${name}`,
      value,
    ])
    return { ...Object.fromEntries(helpers), 'data.newDocuments': composer(version.composerPath) }
  }
  if (mode === 'none') return {}
  if (version.documents === 'list' && mode === 'multiple')
    return { 'data.newDocuments': documents.expression }
  throw new Error(`Version ${version.version} has no documents of mode ${mode}`)
}

function composerInputs(documents: FilledDocuments): Record<string, string | undefined> {
  switch (documents.mode) {
    case 'none':
      return { documentMode: 'none' }
    case 'multiple':
      return { documentMode: 'multiple', multiple_expression: documents.expression }
    case 'camunda':
      return { ...single('camunda'), single_camundaReference: documents.reference }
    case 'inline':
      return {
        ...single('inline'),
        single_inline_content: documents.content,
        single_inline_fileName: documents.fileName,
        single_inline_contentType: documents.contentType,
      }
    case 'external':
      return {
        ...single('external'),
        single_external_url: documents.url,
        single_external_fileName: documents.fileName,
      }
  }
}

function single(source: string): Record<string, string> {
  return { documentMode: 'single', single_documentSource: source }
}

/** The hidden mapping of `data.newDocuments`. */
function composer(path: TemplateVersion['composerPath']): string {
  const helper = (name: string) => `${path}${HELPER}${name}`
  const inline = [
    '"camunda.document.type": "inline"',
    `content: ${helper('single_inline_content')}`,
    `name: ${helper('single_inline_fileName')}`,
    `contentType: ${helper('single_inline_contentType')}`,
  ]
  const external = [
    '"camunda.document.type": "external"',
    `url: ${helper('single_external_url')}`,
    `name: ${helper('single_external_fileName')}`,
  ]
  const source = helper('single_documentSource')
  const one = [
    `if ${source} = "camunda" then [${helper('single_camundaReference')}]`,
    `else if ${source} = "inline" then [{${inline.join(', ')}}]`,
    `else if ${source} = "external" then [{${external.join(', ')}}]`,
    'else null',
  ]
  const mode = helper('documentMode')
  return `=if ${mode} = "single" then (${one.join(' ')}) else if ${mode} = "multiple" then ${helper('multiple_expression')} else null`
}

function headersOf(version: TemplateVersion, filled: Filled): Record<string, string> {
  const { resultVariable, jobTimeout, jobType } = filled
  const itself = {
    elementTemplateVersion: String(version.version),
    elementTemplateId: jobType === undefined ? TEMPLATE_ID : HYBRID_TEMPLATE_ID,
  }
  return written({
    ...(version.namesItself ? itself : {}),
    resultVariable,
    retryBackoff: version.retryBackoff,
    jobTimeout: version.awsCredential ? jobTimeout : undefined,
  })
}

/** An optional field left empty is not written. */
function written(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
