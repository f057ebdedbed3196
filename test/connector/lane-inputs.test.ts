import { describe, expect, test } from 'vitest'
import { laneInputs } from '../../src/connector/lane-inputs.ts'

const nowhere = { region: null, modelId: null, credential: null }
const inputs = {
  authentication: { type: 'credentials', accessKey: 'AKIA', secretKey: 's' },
  configuration: { region: 'eu-west-1' },
  data: { modelId: 'm' },
}
const read = (variables: object): unknown => laneInputs(JSON.stringify(variables), '8.9')

describe('the lane inputs of a job', () => {
  test('is its region, its model and its access key', () => {
    expect(read(inputs)).toEqual({ region: 'eu-west-1', modelId: 'm', credential: 'AKIA' })
  })

  test("has no access key with the worker's own credentials", () => {
    const authentication = { ...inputs.authentication, type: 'defaultCredentialsChain' }
    expect(read({ ...inputs, authentication })).toEqual({
      region: 'eu-west-1',
      modelId: 'm',
      credential: null,
    })
  })

  test('follows a reusable credential', () => {
    const awsCredential = { region: 'us-east-1', authentication: { type: 'credentials', accessKey: 'K' } }
    expect(read({ ...inputs, configuration: {}, awsCredential })).toEqual({
      region: 'us-east-1',
      modelId: 'm',
      credential: 'K',
    })
  })

  test.each(['', ' '])("has the credential's region where the task's own is %j", (region) => {
    const variables = { ...inputs, configuration: { region }, awsCredential: { region: 'us-east-1' } }
    expect(read(variables)).toMatchObject({ region: 'us-east-1' })
  })

  test('is read as leniently as inputs are bound', () => {
    expect(
      read({ ...inputs, configuration: [{ region: ['eu-west-1'] }], data: { modelId: 5 } }),
    ).toMatchObject({
      region: 'eu-west-1',
      modelId: '5',
    })
  })

  test.each([
    { ...inputs, configuration: null },
    { ...inputs, configuration: { region: '' } },
    { ...inputs, configuration: { region: 'evil.com/#' } },
    { ...inputs, data: {} },
    { ...inputs, data: { modelId: { a: 1 } } },
    [],
  ])('is none for a job that cannot be sent: case %#', (variables) => {
    expect(read(variables)).toEqual(nowhere)
  })

  test('is none for a text that is not JSON', () => {
    expect(laneInputs('{', '8.9')).toEqual(nowhere)
  })
})
