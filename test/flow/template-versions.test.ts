// Diagrams of every version of the element template, through real Zeebe, Redis and the AWS SDK: what arrives at the
// stand-in and what the process gets; and what an 8.8 engine makes of the documents of each version.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { LoggedRequest } from '../../sim/sim.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import { activateJobs } from '../camunda/activate-jobs.ts'
import {
  type Filled,
  type FilledDocuments,
  fillIn,
  TEMPLATE_ID,
  type TemplateVersion,
  templateVersions,
} from '../templates/template-versions.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { hasEnded, type QuarryUnderTest, recordsUntil, startQuarry } from './quarry-under-test.ts'

const CHAIN = { kind: 'chain' } as const
const KEYS = { kind: 'keys', accessKey: 'AKIATESTKEY', secretKey: 'testSecretKey' } as const
const CREDENTIAL = { kind: 'awsCredential', name: 'bedrock' } as const
/** A cluster variable, as far as an 8.8 engine knows one. */
const cluster = (credential: object) => ({ camunda: { vars: { env: { bedrock: credential } } } })

const later = templateVersions.filter(({ version }) => version > 1)
const withDocuments = later.filter(({ documents }) => documents !== 'none')
const named = (versions: readonly TemplateVersion[]) =>
  versions.map((version) => [version.version, version] as const)

interface Ran {
  readonly request: LoggedRequest
  readonly body: unknown
  readonly result: unknown
}

/** Runs a filled-in template on this Quarry. */
async function run(
  quarry: QuarryUnderTest,
  version: TemplateVersion,
  { modelId, ...filled }: Filled,
  variables: Record<string, unknown> = {},
): Promise<Ran> {
  const model = `${modelId}@${randomUUID()}`
  const id = `p-${randomUUID()}`
  const task = fillIn(version, { ...filled, modelId: model, resultVariable: 'result' })
  const content = bedrockProcess({ jobType: quarry.jobType, ...task, id })
  await quarry.processes.deploy([{ name: `${id}.bpmn`, content }])
  const { result } = await quarry.run(id, variables)
  const response = await fetch(`${inject('simUrl')}/__sim/requests`)
  const [request, ...more] = ((await response.json()) as LoggedRequest[]).filter(
    (sent) => sent.model === model,
  )
  expect(more).toEqual([])
  if (request === undefined) throw new Error('Nothing arrived at the stand-in')
  return { request, body: JSON.parse(request.body ?? 'null'), result }
}

async function incidentOf(quarry: QuarryUnderTest, version: TemplateVersion, filled: Filled, variables = {}) {
  const bpmnProcessId = await quarry.deploy(fillIn(version, filled))
  const instance = { bpmnProcessId, variables: JSON.stringify(variables) }
  const { processInstanceKey } = await quarry.processes.createInstance(instance)
  const records = await recordsUntil(processInstanceKey, hasEnded)
  return records.find(({ valueType }) => valueType === 'INCIDENT')?.value['errorMessage']
}

let quarry: QuarryUnderTest
let recorded: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry({ QUARRY_TEMPLATE_V1: 'true' })
  recorded = await startQuarry({ QUARRY_COMPATIBILITY: '8.8' })
})
afterAll(async () => {
  await quarry?.stop()
  await recorded?.stop()
})

const HISTORY = `=[{role: "user", contentList: [{text: "Hi"}]}, {role: "assistant", contentList: [{text: "Hello"}]}]`
const talk: Filled = {
  action: 'converse',
  modelId: 'm',
  authentication: CHAIN,
  region: 'eu-west-1',
  newMessage: '=greeting',
  history: HISTORY,
  maxTokens: 100,
  temperature: 0.5,
}
const turn = (role: string, text: string) => ({ role, content: [{ text }] })
const message = (role: string, text: string) => ({ role, contentList: [{ text }] })

describe('a diagram of template version', () => {
  it.concurrent.each(named(templateVersions))('%i invokes a model', async (_number, version) => {
    const filled: Filled = {
      action: 'invokeModel',
      modelId: 'echo',
      authentication: KEYS,
      region: 'us-west-2',
      payload: '={messages: [{role: "user", content: greeting}], max_tokens: 100}',
    }
    const { request, body, result } = await run(quarry, version, filled, { greeting: 'Hi' })
    expect(body).toEqual({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 100 })
    expect(request).toMatchObject({ region: 'us-west-2', accessKey: 'AKIATESTKEY' })
    expect(result).toEqual({ body })
  })

  it.concurrent.each(named(later))('%i converses', async (_number, version) => {
    const { request, body, result } = await run(quarry, version, talk, { greeting: 'And?' })
    expect(body).toEqual({
      messages: [turn('user', 'Hi'), turn('assistant', 'Hello'), turn('user', 'And?')],
      inferenceConfig: { maxTokens: 100, temperature: 0.5 },
    })
    expect(request).toMatchObject({ region: 'eu-west-1', accessKey: 'AKIAENVDEFAULT' })
    expect(result).toEqual([
      message('user', 'Hi'),
      message('assistant', 'Hello'),
      message('user', 'And?'),
      message('assistant', 'Echo: And?'),
    ])
  })

  it.concurrent.each(named(later))('%i omits fields that are not filled in', async (_number, version) => {
    const { action, modelId, authentication, region } = talk
    const filled = { action, modelId, authentication, newMessage: 'Hi', ...(region && { region }) }
    const { body } = await run(quarry, version, filled)
    expect(body).toEqual({ messages: [turn('user', 'Hi')], inferenceConfig: { maxTokens: 512 } })
  })

  it('1 converses as it did in 8.6, where the switch is on', async () => {
    const history = '=[{message: "Hi", role: "USER"}, {message: "Hello", role: "ASSISTANT"}]'
    const { body, result } = await run(quarry, first(), { ...talk, history }, { greeting: 'And?' })
    expect(body).toEqual({
      messages: [turn('user', 'Hi'), turn('assistant', 'Hello'), turn('user', 'And?')],
      inferenceConfig: { maxTokens: 100, temperature: 0.5 },
    })
    expect(result).toEqual({
      messageHistory: [
        { message: 'Hi', role: 'USER' },
        { message: 'Hello', role: 'ASSISTANT' },
        { message: 'And?', role: 'USER' },
        { message: 'Echo: And?', role: 'ASSISTANT' },
      ],
      newMessage: 'Echo: And?',
    })
  })

  it('1 is an incident where the switch is off, as with every runtime since 8.7', async () => {
    expect(await incidentOf(recorded, first(), talk, { greeting: 'And?' })).toContain(
      'Property: data.newMessage: Validation failed. Original message: must not be blank',
    )
  })

  it.concurrent.each(named(later))(
    '%i in its hybrid form has the job type of its user',
    async (_n, version) => {
      const { body } = await run(quarry, version, { ...talk, jobType: quarry.jobType }, { greeting: 'And?' })
      expect(body).toMatchObject({ inferenceConfig: { maxTokens: 100 } })
      const filled = { ...talk, jobType: 'io.example:other' }
      const { headers, jobType } = fillIn(version, filled)
      expect(jobType).toBe('io.example:other')
      expect(headers['elementTemplateId']).toBe(version.namesItself ? `${TEMPLATE_ID}-hybrid` : undefined)
    },
  )
})

function first(): TemplateVersion {
  const [version] = templateVersions
  if (version === undefined) throw new Error('There is no version 1')
  return version
}

describe('a reusable credential', () => {
  const { region: _, ...talkElsewhere } = talk
  const filled: Filled = { ...talkElsewhere, authentication: CREDENTIAL, newMessage: 'Hi' }
  const authentication = { type: 'credentials', ...KEYS }
  const versions = named(templateVersions.filter(({ awsCredential }) => awsCredential))

  it.concurrent.each(versions)('of version %i is used, with its region', async (_number, version) => {
    const variables = cluster({ authentication, region: 'ap-south-1' })
    const { request } = await run(quarry, version, filled, variables)
    expect(request).toMatchObject({ region: 'ap-south-1', accessKey: 'AKIATESTKEY' })
  })

  it.concurrent.each(versions.filter(([, version]) => version.inlineBesideCredential))(
    'of version %i leaves the region to the task that names one',
    async (_number, version) => {
      const variables = cluster({ authentication, region: 'ap-south-1' })
      const { request } = await run(quarry, version, { ...filled, region: 'eu-north-1' }, variables)
      expect(request).toMatchObject({ region: 'eu-north-1', accessKey: 'AKIATESTKEY' })
    },
  )

  it.concurrent.each(versions)('of version %i does not exist with 8.8', async (_number, version) => {
    const incident = await incidentOf(
      recorded,
      version,
      filled,
      cluster({ authentication, region: 'eu-west-1' }),
    )
    expect(incident).toContain(
      version.inlineBesideCredential ? 'Property: authentication.accessKey' : 'Property: authentication: ',
    )
  })
})

const REFERENCE = {
  'camunda.document.type': 'camunda',
  storeId: 'in-memory',
  documentId: 'a',
  contentHash: 'b',
  metadata: { contentType: 'text/plain', fileName: 'a.txt', size: 3 },
}
const INLINE = { 'camunda.document.type': 'inline', content: 'DOC', name: 'a.txt', contentType: 'text/plain' }
const EXTERNAL = { 'camunda.document.type': 'external', url: 'https://files.example/a.txt', name: 'a.txt' }
const modes: readonly { readonly documents: FilledDocuments; readonly list: readonly object[] | null }[] = [
  { documents: { mode: 'none' }, list: null },
  { documents: { mode: 'camunda', reference: '=reference' }, list: [REFERENCE] },
  {
    documents: { mode: 'inline', content: 'DOC', fileName: 'a.txt', contentType: 'text/plain' },
    list: [INLINE],
  },
  { documents: { mode: 'external', url: EXTERNAL.url, fileName: 'a.txt' }, list: [EXTERNAL] },
  { documents: { mode: 'multiple', expression: '=[reference, reference]' }, list: [REFERENCE, REFERENCE] },
]
const composed = withDocuments
  .filter(({ documents }) => documents === 'composed')
  .flatMap((version) => modes.map((mode) => ({ number: version.version, version, ...mode })))

describe('an engine of 8.8', () => {
  const port = makeGrpcJobPort({ address: inject('zeebeGrpcAddress') })
  afterAll(() => port.close())

  /** What a worker is handed as `data`. */
  async function dataOf(
    version: TemplateVersion,
    documents: FilledDocuments,
  ): Promise<Record<string, unknown>> {
    const id = `p-${randomUUID()}`
    const task = fillIn(version, { ...talk, newMessage: 'Hi', documents })
    const content = bedrockProcess({ ...task, id, jobType: id })
    await quarry.processes.deploy([{ name: `${id}.bpmn`, content }])
    const variables = JSON.stringify({ reference: REFERENCE })
    await quarry.processes.createInstance({ bpmnProcessId: id, variables })
    const [job] = await activateJobs(
      port,
      {
        ...{ type: id, worker: 'test', timeoutMs: 60_000, maxJobs: 1, requestTimeoutMs: 30_000 },
        ...{ fetchVariables: ['data'], tenantIds: ['<default>'] },
      },
      AbortSignal.timeout(30_000),
    )
    return JSON.parse(job?.variables ?? '{}').data
  }

  it.concurrent.each(composed.filter(({ number }) => number <= 6))(
    'composes the documents of version $number, mode $documents.mode',
    async ({ version, documents, list }) => {
      expect((await dataOf(version, documents))['newDocuments']).toEqual(list)
    },
  )

  it.concurrent.each(composed.filter(({ number }) => number >= 7))(
    'loses the documents of version $number, mode $documents.mode, and hands over what they were made of',
    async ({ version, documents }) => {
      const { newDocuments, ...data } = await dataOf(version, documents)
      expect(newDocuments).toBeNull()
      const mode = documents.mode === 'none' || documents.mode === 'multiple' ? documents.mode : 'single'
      expect(data).toMatchObject({ data_newDocuments_documentMode: mode })
    },
  )
})

describe('documents of template version', () => {
  let rescuing: QuarryUnderTest
  beforeAll(async () => {
    rescuing = await startQuarry({ QUARRY_DOCUMENT_RESCUE: 'true' })
  })
  afterAll(() => rescuing?.stop())

  const inline: FilledDocuments = {
    mode: 'inline',
    content: 'DOC',
    fileName: 'a.txt',
    contentType: 'text/plain',
  }
  const several: FilledDocuments = { mode: 'multiple', expression: '=documents' }
  const filled: Filled = { ...talk, newMessage: 'Hi' }
  const variables = { documents: [INLINE] }
  const block = { document: { name: 'a', format: 'txt', source: { bytes: 'RE9D' } } }
  const sent = (...documents: object[]) => ({
    messages: [
      expect.anything(),
      expect.anything(),
      { role: 'user', content: [...documents, { text: 'Hi' }] },
    ],
  })

  it.concurrent.each(named(withDocuments.filter(({ version }) => version <= 6)))(
    '%i reach the model',
    async (_number, version) => {
      const { body } = await run(quarry, version, { ...filled, documents: several }, variables)
      expect(body).toMatchObject(sent(block))
    },
  )

  it.concurrent.each(named(withDocuments.filter(({ documents }) => documents === 'list')))(
    '%i may be one reference in place of a list',
    async (_number, version) => {
      const one: FilledDocuments = { mode: 'multiple', expression: '=documents[1]' }
      const { body } = await run(quarry, version, { ...filled, documents: one }, variables)
      expect(body).toMatchObject(sent(block))
    },
  )

  it.concurrent.each(named(withDocuments.filter(({ version }) => version >= 7)))(
    '%i are lost on an 8.8 engine, as with the stock connector',
    async (_number, version) => {
      const { body } = await run(quarry, version, { ...filled, documents: inline })
      expect(body).toMatchObject(sent())
    },
  )

  it.concurrent.each(named(withDocuments.filter(({ version }) => version >= 4)))(
    '%i reach the model if the rescue is on',
    async (_number, version) => {
      for (const documents of [inline, several]) {
        const { body } = await run(rescuing, version, { ...filled, documents }, variables)
        expect(body).toMatchObject(sent(block))
      }
    },
  )
})
