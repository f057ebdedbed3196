// The lane inputs that an adapter reads from a job are those that the worker binds. Where they differ, the adapter knows no lane or the worker
// makes no request, so nothing is sent for another lane than was asked for.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bindRequest } from '../../src/connector/bind-request.ts'
import type { Compatibility } from '../../src/connector/compatibility.ts'
import { NeedsDocument } from '../../src/connector/documents/document-supply.ts'
import { laneInputs, laneVariables } from '../../src/connector/lane-inputs.ts'
import { credentialName } from '../../src/job/credential.ts'

const NOWHERE = { region: null, modelId: null, credential: null }
const LINES: readonly Compatibility[] = ['8.8', '8.9', '8.10']

/** What a worker sends: the lane inputs of the request, or null if there is none without something from outside. */
function sent(variables: object, compatibility: Compatibility) {
  try {
    const bound = bindRequest(JSON.stringify(variables), { compatibility })
    if (!bound.ok) return null
    const { region, call, credentials } = bound.request
    return { region, modelId: call.modelId, credential: credentialName(credentials) }
  } catch (error) {
    if (error instanceof NeedsDocument) return null
    throw error
  }
}

const inline = (content: string) => ({ 'camunda.document.type': 'inline', content, name: 'x.txt' })
const call = (name: string, ...params: unknown[]) => ({ 'camunda.function.type': name, params })

/** Forms in which a diagram can give a text. */
const FORMS: Record<string, (text: string) => unknown> = {
  text: (text) => text,
  number: () => 5,
  'a number of many digits': () => 123_456_789_012,
  boolean: () => true,
  'list of one': (text) => [text],
  'list of two': (text) => [text, text],
  'list in a list': (text) => [[text]],
  base64: (text) => call('base64', text),
  'text of an inline document': (text) => call('getText', inline(text)),
  'json of an inline document': (text) => call('getJson', inline(JSON.stringify(text))),
  'an inline document': inline,
  'text of a stored document': () =>
    call('getText', { 'camunda.document.type': 'camunda', storeId: 's', documentId: 'd' }),
  'text of a document by URL': () =>
    call('getText', { 'camunda.document.type': 'external', url: 'https://files.example/x', name: 'x' }),
  'function of a function': (text) => call('getText', inline(String(text)), call('base64', 'x')),
  null: () => null,
  blank: () => ' ',
  object: (text) => ({ text }),
}

const ROLE = 'arn:aws:iam::111122223333:role/bedrock'
const TEXTS = { region: 'eu-west-1', modelId: 'amazon.nova', accessKey: 'AKIA' }
type Field = keyof typeof TEXTS

function job(field: Field, value: unknown, by: 'inline' | 'credential'): object {
  const said = { ...TEXTS, [field]: value } as Record<Field, unknown>
  const authentication = { type: 'credentials', accessKey: said.accessKey, secretKey: 's' }
  const { region } = said
  const where =
    by === 'inline'
      ? { authentication, configuration: { region } }
      : { awsCredential: { authentication, region }, configuration: {} }
  return { ...where, action: 'converse', data: { modelId: said.modelId, newMessage: 'Hi' } }
}

describe.each(LINES)('with compatibility %s', (compatibility) => {
  const fields: readonly Field[] = ['region', 'modelId', 'accessKey']
  const cases = fields.flatMap((field) =>
    Object.keys(FORMS).flatMap((form) =>
      (['inline', 'credential'] as const).map((by) => ({ field, form, by })),
    ),
  )

  it.each(cases)('$field as $form, $by, is queued in the lane that it is sent in', ({ field, form, by }) => {
    const variables = job(field, FORMS[form]?.(TEXTS[field]), by)
    const request = sent(variables, compatibility)
    const read = laneInputs(JSON.stringify(variables), compatibility)
    if (request !== null) expect(read).toEqual(request)
    else if (/stored|URL/.test(form)) expect(read).toEqual(NOWHERE)
    expect(laneInputs(laneVariables(JSON.stringify(variables), compatibility), compatibility)).toEqual(read)
  })

  it('whatever the variables, a request that can be bound by itself is queued in the lane that it is sent in', () => {
    const value = fc.oneof(
      fc.constantFrom(...Object.values(FORMS)).chain((form) => fc.constantFrom('eu-west-1', 'm').map(form)),
      fc.jsonValue({ maxDepth: 2 }),
    )
    const some = (names: readonly string[]) =>
      fc.dictionary(fc.constantFrom(...names), value, { maxKeys: names.length })
    const authentication = fc.oneof(
      fc.record({ type: fc.constant('defaultCredentialsChain') }),
      fc.record({ accessKey: value, secretKey: fc.constant('s') }),
      fc.record({ type: fc.constant('apiKey'), apiKey: fc.constantFrom('bedrock-key', 'another-key') }),
      fc.record({ type: fc.constant('defaultCredentialsChain'), roleArn: fc.constant(ROLE) }),
    )
    const wrapped = (made: fc.Arbitrary<unknown>) =>
      fc.oneof(
        made,
        made.map((one) => [one]),
      )
    const variables = fc.record(
      {
        authentication: wrapped(authentication),
        configuration: wrapped(some(['region'])),
        awsCredential: wrapped(fc.record({ authentication, region: value })),
        action: fc.constant('converse'),
        data: wrapped(fc.record({ modelId: value, newMessage: fc.constant('Hi') })),
      },
      { requiredKeys: ['action', 'data'] },
    )
    fc.assert(
      fc.property(variables, (each) => {
        const request = sent(each, compatibility)
        const read = laneInputs(JSON.stringify(each), compatibility)
        if (request !== null) expect(read).toEqual(request)
      }),
      { numRuns: 2_000 },
    )
  })
})

it('a job nested so deep that nothing binds it has no lane, and holds up no other', () => {
  let deep = '"m"'
  for (let depth = 0; depth < 20_000; depth += 1)
    deep = `{"camunda.function.type":"getText","params":[${deep}]}`
  const variables = `{"configuration":{"region":"eu-west-1"},"data":{"modelId":${deep}}}`
  expect(laneInputs(variables, '8.9')).toEqual(NOWHERE)
  expect(JSON.parse(laneVariables(variables, '8.9'))).toEqual({})
})
