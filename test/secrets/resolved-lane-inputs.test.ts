import { describe, expect, test } from 'vitest'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { jobKey } from '../../src/job/ids.ts'
import { makeResolvedLaneInputs } from '../../src/secrets/resolved-lane-inputs.ts'
import type { SecretProvider } from '../../src/secrets/secret-provider.ts'
import { makeSecretResolver } from '../../src/secrets/secret-resolver.ts'

const NOWHERE = { region: null, modelId: null, credential: null }
const INPUTS = {
  authentication: { type: 'credentials', accessKey: '{{secrets.KEY}}', secretKey: '{{secrets.MISSING}}' },
  configuration: { region: 'eu-west-1' },
  data: { modelId: 'm', newMessage: '{{secrets.MISSING}}' },
}
const VALUES: Record<string, string> = {
  KEY: 'AKIA',
  REGION: 'us-east-1',
  MODEL: 'model',
  EVIL: 'evil.host/#',
}

function resolved(variables: object, get: SecretProvider['get'] = async (name) => VALUES[name] ?? null) {
  const secrets = makeSecretResolver({ providers: [{ get }], filter: null, compatibility: '8.9' })
  const job: ActivatedJob = {
    key: jobKey('1'),
    type: 'j',
    processInstanceKey: '2',
    processDefinitionKey: '3',
    bpmnProcessId: 'p',
    elementId: 'e',
    elementInstanceKey: '4',
    tenantId: 't',
    retries: 3,
    deadlineMs: 0,
    customHeaders: '{}',
    variables: JSON.stringify(variables),
  }
  return makeResolvedLaneInputs(secrets, '8.9', { patienceMs: 50 })(job)
}

describe('the lane inputs of a job with secrets', () => {
  test('contain the values of its access key, region and model, and need no other secret', async () => {
    const asked: string[] = []
    const get = async (name: string) => {
      asked.push(name)
      return VALUES[name] ?? null
    }
    const variables = {
      ...INPUTS,
      configuration: { region: '{{secrets.REGION}}' },
      data: { ...INPUTS.data, modelId: 'secrets.MODEL' },
    }
    expect(await resolved(variables, get)).toEqual({
      region: 'us-east-1',
      modelId: 'model',
      credential: 'AKIA',
    })
    expect(asked.sort()).toEqual(['KEY', 'MODEL', 'REGION'])
  })

  test('follow a reusable credential', async () => {
    const awsCredential = {
      region: '{{secrets.REGION}}',
      authentication: { type: 'credentials', accessKey: '{{secrets.KEY}}' },
    }
    expect(await resolved({ ...INPUTS, authentication: {}, configuration: {}, awsCredential })).toEqual({
      region: 'us-east-1',
      modelId: 'm',
      credential: 'AKIA',
    })
  })

  test('are absent if one of their secrets is missing, or names another host', async () => {
    const missing = { ...INPUTS, authentication: { accessKey: '{{secrets.MISSING}}' } }
    expect(await resolved(missing)).toEqual(NOWHERE)
    expect(await resolved({ ...INPUTS, configuration: { region: '{{secrets.EVIL}}' } })).toEqual(NOWHERE)
  })

  test.each<[string, SecretProvider['get']]>([
    ['away', () => Promise.reject(new Error('away'))],
    ['slow', () => new Promise(() => undefined)],
  ])('contain the reference to the access key while the source of secrets is %s', async (_, get) => {
    expect(await resolved(INPUTS, get)).toEqual({
      region: 'eu-west-1',
      modelId: 'm',
      credential: '{{secrets.KEY}}',
    })
    const model = { ...INPUTS, data: { modelId: '{{secrets.MODEL}}' } }
    expect(await resolved(model, get)).toEqual(NOWHERE)
  })

  test('need no source of secrets without secrets in these fields', async () => {
    const authentication = { type: 'credentials', accessKey: 'AKIA', secretKey: '{{secrets.KEY}}' }
    const never = () => Promise.reject(new Error('asked'))
    expect(await resolved({ ...INPUTS, authentication }, never)).toEqual({
      region: 'eu-west-1',
      modelId: 'm',
      credential: 'AKIA',
    })
  })
})
