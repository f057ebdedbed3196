import { describe, expect, test } from 'vitest'
import { requestRoute } from '../../src/connector/request-route.ts'

const nowhere = { region: null, modelId: null, accessKey: null }
const inputs = {
  authentication: { type: 'credentials', accessKey: 'AKIA', secretKey: 's' },
  configuration: { region: 'eu-west-1' },
  data: { modelId: 'm' },
}
const route = (variables: object): unknown => requestRoute(JSON.stringify(variables), '8.9')

describe('the route of a job', () => {
  test('is its region, its model and its access key', () => {
    expect(route(inputs)).toEqual({ region: 'eu-west-1', modelId: 'm', accessKey: 'AKIA' })
  })

  test("has no access key with the worker's own credentials", () => {
    const authentication = { ...inputs.authentication, type: 'defaultCredentialsChain' }
    expect(route({ ...inputs, authentication })).toEqual({
      region: 'eu-west-1',
      modelId: 'm',
      accessKey: null,
    })
  })

  test('follows a reusable credential', () => {
    const awsCredential = { region: 'us-east-1', authentication: { type: 'credentials', accessKey: 'K' } }
    expect(route({ ...inputs, configuration: {}, awsCredential })).toEqual({
      region: 'us-east-1',
      modelId: 'm',
      accessKey: 'K',
    })
  })

  test.each(['', ' '])("has the credential's region where the task's own is %j", (region) => {
    const variables = { ...inputs, configuration: { region }, awsCredential: { region: 'us-east-1' } }
    expect(route(variables)).toMatchObject({ region: 'us-east-1' })
  })

  test('is read as leniently as inputs are bound', () => {
    expect(
      route({ ...inputs, configuration: [{ region: ['eu-west-1'] }], data: { modelId: 5 } }),
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
    expect(route(variables)).toEqual(nowhere)
  })

  test('is none for a text that is not JSON', () => {
    expect(requestRoute('{', '8.9')).toEqual(nowhere)
  })
})
