// The expected texts are those of Jackson 2.21 and Hibernate Validator 8 bound to classes of the same shape.
import { describe, expect, test } from 'vitest'
import { type BindOptions, bindRequest } from '../../src/connector/bind-request.ts'

const valid = {
  authentication: { type: 'credentials', accessKey: 'AKIA', secretKey: 'secret' },
  configuration: { region: 'eu-west-1' },
  action: 'converse',
  data: { modelId: 'm', newMessage: 'hi' },
}
const options: BindOptions = { compatibility: '8.8' }

function data(fields: object): object {
  return { ...valid, data: { ...valid.data, ...fields } }
}

function messageOf(variables: object | string, using = options): string {
  const bound = bindRequest(typeof variables === 'string' ? variables : JSON.stringify(variables), using)
  if (bound.ok) throw new Error(`bound: ${JSON.stringify(bound.request.call)}`)
  return bound.error.message
}

function errorOf(variables: object, using = options): { type: string; input: boolean } {
  const bound = bindRequest(JSON.stringify(variables), using)
  if (bound.ok) throw new Error('bound')
  return { type: bound.error.type.replace(/^.*\./, ''), input: bound.error.input }
}

function callOf(variables: object | string, using = options): unknown {
  const bound = bindRequest(typeof variables === 'string' ? variables : JSON.stringify(variables), using)
  if (!bound.ok) throw new Error(bound.error.message)
  return bound.request.call
}

/** The parameters of inference in the body. */
function parametersOf(variables: object): unknown {
  const { body } = callOf(variables) as { readonly body: string }
  return JSON.parse(body).inferenceConfig
}

function violation(...lines: string[]): string {
  const start = 'jakarta.validation.ValidationException: Found constraints violated while validating input: '
  return [
    start,
    ...lines.map((line) => ` - Property: ${line.replace(': ', ': Validation failed. Original message: ')}`),
  ].join('\n')
}

describe('binding numbers', () => {
  test.each([
    ['512', 512],
    [' 7 ', 7],
    ['+5', 5],
    ['007', 7],
    ['१२', 12],
    ['٥𝟗', 59],
    [1.9, 1],
    [-1.9, -1],
    ['', null],
    ['  ', null],
    ['null', null],
    [null, null],
    [[5], 5],
    [['7'], 7],
    [[null], null],
  ])('maxTokens %j is %j', (given, maxTokens) => {
    expect(parametersOf(data({ maxTokens: given }))).toEqual(maxTokens === null ? {} : { maxTokens })
  })

  test('maxTokens is 512 when the diagram gives none', () => {
    expect(parametersOf(valid)).toEqual({ maxTokens: 512 })
  })

  const invalid = 'Json object contains an invalid field: maxTokens. It Must be `Integer`'
  const range = 'out of range of int (-2147483648 - 2147483647)'
  test.each([
    ['many', invalid],
    ['1.5', invalid],
    ['5L', invalid],
    ['2147483648', invalid],
    [99999999999, `Numeric value (99999999999) ${range}`],
    [2147483647.9, `Numeric value (2147483647.9) ${range}`],
    [
      true,
      'Cannot deserialize value of type `java.lang.Integer` from Boolean value (token `JsonToken.VALUE_TRUE`)',
    ],
    [
      {},
      'Cannot deserialize value of type `java.lang.Integer` from Object value (token `JsonToken.START_OBJECT`)',
    ],
    [
      [],
      'Cannot deserialize value of type `java.lang.Integer` from Array value (token `JsonToken.START_ARRAY`)',
    ],
    [
      [[5]],
      'Cannot deserialize instance of `java.lang.Integer` out of START_ARRAY token: nested Arrays not allowed with DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS',
    ],
    [
      [5, 6],
      "Unexpected token (END_OBJECT), expected END_ARRAY: Attempted to unwrap 'java.lang.Integer' value from an array (with `DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS`) but it contains more than one value",
    ],
  ])('maxTokens %j is refused', (maxTokens, message) => {
    expect(messageOf(data({ maxTokens }))).toBe(message)
    expect(errorOf(data({ maxTokens }))).toEqual({ type: 'ConnectorInputException', input: true })
  })

  test.each([
    ['0.7', 0.7],
    ['.5', 0.5],
    ['5.', 5],
    [0.123456789, 0.12345679],
    [1, 1],
    ['', null],
  ])('temperature %j is %j', (given, temperature) => {
    expect(parametersOf(data({ temperature: given }))).toEqual({
      maxTokens: 512,
      ...(temperature === null ? {} : { temperature }),
    })
  })

  test.each(['0.1f', '1 2', 'nan', '0,5'])('temperature %j is refused', (temperature) => {
    expect(messageOf(data({ temperature }))).toBe(
      'Json object contains an invalid field: temperature. It Must be `Float`',
    )
  })
})

describe('binding texts', () => {
  test.each([
    ['42', '42'],
    ['1.50', '1.5'],
    ['12345678901234567890', '12345678901234567890'],
    ['true', 'true'],
    ['["x"]', 'x'],
  ])('a new message of %s is the text %j', (source, text) => {
    const variables = JSON.stringify(valid).replace('"hi"', source)
    expect(callOf(variables)).toMatchObject({ messages: [{ role: 'user', contentList: [{ text }] }] })
  })

  test('an object is no text', () => {
    expect(messageOf(data({ newMessage: { a: 1 } }))).toBe(
      'Cannot deserialize value of type `java.lang.String` from Object value (token `JsonToken.START_OBJECT`)',
    )
  })
})

describe('binding the history', () => {
  test.each([
    [null, []],
    [[], []],
    [{ role: 'user', contentList: { text: 'x' } }, [{ role: 'user', contentList: [{ text: 'x' }] }]],
    [[{ role: 1, contentList: ['x'] }], [{ role: '1', contentList: [{ text: 'x' }] }]],
    [[[{ contentList: [[{ text: 5 }]] }]], [{ role: null, contentList: [{ text: '5' }] }]],
    [[{ role: 'assistant', contentList: [] }], [{ role: 'assistant', contentList: [] }]],
  ])('%j comes before the new message', (messagesHistory, history) => {
    const messages = [...history, { role: 'user', contentList: [{ text: 'hi' }] }]
    expect(callOf(data({ messagesHistory }))).toMatchObject({ messages })
  })

  const MODEL = 'io.camunda.connector.aws.bedrock.model'
  const noCreator = (name: string, kind: string, from: string): string =>
    `Cannot construct instance of \`${MODEL}.${name}\` (although at least one Creator exists): no ${kind}-argument constructor/factory method to deserialize from ${from}`
  test.each([
    ['x', noCreator('BedrockMessage', 'String', "String value ('x')")],
    [[5], noCreator('BedrockMessage', 'int/Int', 'Number value (5)')],
    [99999999999, noCreator('BedrockMessage', 'long/Long', 'Number value (99999999999)')],
    [true, noCreator('BedrockMessage', 'boolean/Boolean', 'boolean value (true)')],
    [[{ contentList: [5] }], noCreator('BedrockContent', 'int/Int', 'Number value (5)')],
    [
      [[[{}]]],
      `Cannot deserialize value of type \`${MODEL}.BedrockMessage\` from deeply-nested Array: only single wrapper allowed with \`DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS\``,
    ],
    [
      [{ contentList: [{ document: { x: 1 } }] }],
      'Unsupported node format, expected either a document reference or an operation, got: {"x":1}',
    ],
  ])('%j cannot be bound', (messagesHistory, message) => {
    expect(messageOf(data({ messagesHistory }))).toBe(message)
  })

  test.each([
    ['', 'Cannot invoke "String.isEmpty()" because "str" is null'],
    [{ role: 'user' }, 'Cannot invoke "java.util.List.stream()" because "contentBlocks" is null'],
    [[null], `Cannot invoke "${MODEL}.BedrockMessage.getContentList()" because "bedrockMessage" is null`],
    [
      [{ contentList: [null] }],
      `Cannot invoke "${MODEL}.BedrockContent.getText()" because "content" is null`,
    ],
    [
      [{ contentList: [{}] }],
      'Cannot invoke "io.camunda.connector.api.document.Document.metadata()" because "document" is null',
    ],
  ])('%j ends in a null pointer, which uses up one retry', (messagesHistory, message) => {
    expect(messageOf(data({ messagesHistory }))).toBe(message)
    expect(errorOf(data({ messagesHistory }))).toEqual({ type: 'NullPointerException', input: false })
  })
})

describe('action and data', () => {
  const { action: _, ...withoutAction } = valid
  const { data: __, ...withoutData } = valid
  const unknown = 'Unexpected Error, Further investigation is needed'
  const missing = "Missing external type id property 'action' (and no 'defaultImpl' specified)"
  test.each([
    [withoutAction, missing],
    [{ ...valid, action: null }, missing],
    [{ ...valid, action: ['converse'] }, missing],
    [{ ...valid, action: 'Converse' }, unknown],
    [{ ...valid, action: '' }, unknown],
    [{ ...valid, action: 5 }, unknown],
    [withoutData, "Missing property 'data' for external type id 'action'"],
    [{ ...valid, data: '' }, unknown],
    [{ ...valid, data: null }, violation('data: must not be null')],
    [
      { ...valid, data: [] },
      'Cannot deserialize value of type `io.camunda.connector.aws.bedrock.model.ConverseData` from Array value (token `JsonToken.START_ARRAY`)',
    ],
    [
      { data: { newMessage: ['a', 'b'] }, action: 'converse' },
      "Unexpected token (VALUE_STRING), expected END_ARRAY: Attempted to unwrap 'java.lang.String' value from an array (with `DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS`) but it contains more than one value",
    ],
  ])('case %#', (variables, message) => {
    expect(messageOf(variables)).toBe(message)
  })

  test('a payload that is not a JSON object is refused with that reason', () => {
    expect(messageOf('{"a"')).toBe('This is not a JSON object')
  })

  test('a payload is sent as Java would write it', () => {
    const payload = '{"z":1,"a":[9007199254740993,1.50,1e400,-0],"__proto__":{"b":null}}'
    const variables = JSON.stringify({
      ...valid,
      action: 'invokeModel',
      data: { modelId: 'm', payload: '@' },
    })
    const call = callOf(variables.replace('"@"', payload))
    expect(call).toMatchObject({
      body: '{"z":1,"a":[9007199254740993,1.5,"Infinity",0],"__proto__":{"b":null}}',
    })
  })

  test('a text as payload is sent as a JSON string', () => {
    expect(callOf({ ...valid, action: 'invokeModel', data: { modelId: 'm', payload: 'x' } })).toMatchObject({
      body: '"x"',
    })
  })
})

describe('checks before the call, in their order', () => {
  test('every violation has a line of the message', () => {
    const variables = { action: 'converse', data: { newMessage: ' ' }, authentication: { secretKey: '' } }
    expect(messageOf(variables)).toBe(
      violation(
        'authentication.accessKey: must not be blank',
        'authentication.secretKey: must not be blank',
        'data.modelId: must not be null',
        'data.newMessage: must not be blank',
      ),
    )
  })

  test.each([
    ['8.8', 'authentication: must not be null'],
    ['8.9', 'authentication: must not be null'],
    ['8.10', 'authenticationPresent: Authentication is required'],
  ] as const)('%s answers a missing authentication with: %s', (compatibility, line) => {
    const { authentication: _, ...variables } = valid
    expect(messageOf(variables, { compatibility })).toBe(violation(line))
  })

  test("the worker's own credentials are refused on SaaS", () => {
    const variables = { ...valid, authentication: { type: 'defaultCredentialsChain' } }
    expect(bindRequest(JSON.stringify(variables), options)).toMatchObject({
      request: { credentials: { kind: 'chain' } },
    })
    expect(messageOf(variables, { ...options, saas: true })).toBe(
      violation('defaultCredentialsChainUsedInSaaS: must be false'),
    )
  })

  test.each(['iamRole', null, 5, ''])('authentication type %j means keys', (type) => {
    const variables = { ...valid, authentication: { ...valid.authentication, type, accessKey: ' AKIA ' } }
    expect(bindRequest(JSON.stringify(variables), options)).toMatchObject({
      request: { credentials: { kind: 'static', accessKey: 'AKIA', secretKey: 'secret' } },
    })
  })

  const noConfiguration =
    'Cannot invoke "io.camunda.connector.aws.model.impl.AwsBaseConfiguration.region()" because the return value of "io.camunda.connector.aws.bedrock.model.BedrockRequest.getConfiguration()" is null'
  test.each([
    [null, 'NullPointerException', noConfiguration],
    [{}, 'NullPointerException', 'region must not be null.'],
    [{ region: ' ' }, 'IllegalArgumentException', 'region must not be blank or empty.'],
  ])('configuration %j fails with %s', (configuration, type, message) => {
    const variables = { ...valid, configuration }
    expect(messageOf(variables)).toBe(message)
    expect(errorOf(variables)).toEqual({ type, input: false })
  })

  test.each([
    'evil.com/#',
    'evil.com',
    'a@b',
    'eu west',
    ' eu-west-1',
    'a:80',
    '-x',
    'é',
    'a\\b',
    'x'.repeat(64),
  ])('a region %j is refused before it becomes part of a host name', (region) => {
    const variables = { ...valid, configuration: { region } }
    expect(messageOf(variables)).toMatch(
      /^Configured region \(.*\) and tags \(\[\]\) resulted in an invalid URI/,
    )
    expect(errorOf(variables)).toEqual({ type: 'SdkClientException', input: false })
  })

  test('an unknown but well-formed region is accepted', () => {
    expect(
      bindRequest(JSON.stringify({ ...valid, configuration: { region: 'mars-north-1' } }), options).ok,
    ).toBe(true)
  })

  test('an empty model id is checked after everything else', () => {
    const empty = 'Unable to marshall request to JSON: modelId cannot be empty.'
    expect(messageOf(data({ modelId: '' }))).toBe(empty)
    expect(messageOf({ ...data({ modelId: '' }), configuration: {} })).toBe('region must not be null.')
    expect(messageOf(data({ modelId: '', messagesHistory: [null] }))).toContain('"bedrockMessage" is null')
  })
})

describe('what templates of 8.10 add', () => {
  const credential = {
    authentication: { type: 'credentials', accessKey: 'K', secretKey: 'S' },
    region: 'us-east-1',
  }
  const requestOf = (variables: object, compatibility: '8.8' | '8.9' | '8.10'): unknown => {
    const bound = bindRequest(JSON.stringify(variables), { compatibility })
    return bound.ok ? bound.request : bound.error.message
  }

  test('a reusable credential replaces inline keys and brings the region', () => {
    const variables = { ...valid, configuration: { region: '' }, awsCredential: credential }
    expect(requestOf(variables, '8.10')).toMatchObject({
      region: 'us-east-1',
      credentials: { kind: 'static', accessKey: 'K', secretKey: 'S' },
    })
  })

  test('an inline region wins over the one of the credential, leftover inline keys do not matter', () => {
    const variables = { ...valid, authentication: { type: 'credentials' }, awsCredential: credential }
    expect(requestOf(variables, '8.10')).toMatchObject({
      region: 'eu-west-1',
      credentials: { accessKey: 'K' },
    })
  })

  test('a credential is enough: newer templates leave the inline inputs out', () => {
    const { action, data } = valid
    expect(requestOf({ action, data, awsCredential: credential }, '8.10')).toMatchObject({
      region: 'us-east-1',
      credentials: { accessKey: 'K' },
    })
    expect(requestOf({ action, data, awsCredential: credential }, '8.8')).toBe(
      violation('authentication: must not be null'),
    )
  })

  test('a reusable credential is validated as the runtime does', () => {
    const variables = { ...valid, configuration: null, awsCredential: { authentication: {}, region: ' ' } }
    expect(requestOf(variables, '8.10')).toBe(
      violation(
        'awsCredential.authentication.accessKey: must not be blank',
        'awsCredential.authentication.secretKey: must not be blank',
        'awsCredential.region: must not be blank',
      ),
    )
  })

  test('the recorded line ignores reusable credentials and endpoints', () => {
    const variables = {
      ...valid,
      configuration: { region: 'eu-west-1', endpoint: 'https://vpce.example' },
      awsCredential: credential,
    }
    expect(requestOf(variables, '8.8')).toMatchObject({
      region: 'eu-west-1',
      credentials: { accessKey: 'AKIA' },
    })
    expect(requestOf(variables, '8.8')).not.toHaveProperty('endpoint')
    for (const line of ['8.9', '8.10'] as const)
      expect(requestOf(variables, line)).toMatchObject({ endpoint: 'https://vpce.example' })
  })
})
