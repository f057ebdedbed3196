// Whatever value an input of Quarry's own has: either the request can be bound, or the error names that input, and nothing is sent.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ACTIONS, type ActionName } from '../../src/bedrock/input.ts'
import { dataKinds } from '../../src/bedrock/inputs.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'

const messages = [{ role: 'user', content: [{ text: 'Hi' }] }]
const toolConfig = { tools: [{ toolSpec: { name: 'a', inputSchema: { json: {} } } }] }
/** A right request of each action, with as many inputs as fit each other. */
const RIGHT: Readonly<Record<ActionName, object>> = {
  converse: { modelId: 'm', newMessage: 'Hi', system: 'Be brief.', toolConfig },
  invokeModel: { modelId: 'm', payload: { a: 1 } },
  countTokens: { modelId: 'm', input: { converse: { messages } } },
  applyGuardrail: { guardrailIdentifier: 'g', guardrailVersion: '1', content: 'Hi' },
  invokeGuardrailChecks: { messages, checks: { promptAttack: { categories: [{ category: 'JAILBREAK' }] } } },
}

/** Names that mean something to Bedrock or Quarry somewhere, and so lead further than others. */
const name = fc.oneof(
  fc.constantFrom('text', 'type', 'tools', 'toolSpec', 'name', 'inputSchema', 'json', 'cachePoint', 'ttl'),
  fc.constantFrom('toolUse', 'toolResult', 'content', 'result', 'id', '_meta', 'status', 'image', 'source'),
  fc.constantFrom('bytes', 'converse', 'invokeModel', 'body', 'system', 'textFormat', 'structure', 'effort'),
  fc.constantFrom('schema', '$ref', 'properties', 'pattern', 'camunda.document.type', '__proto__'),
  fc.string({ maxLength: 3 }),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false, '', ' ', 'x', 'true', '1', 'ü', 'system', '5m', '/a', '{"a":', 'a,b'),
    fc.constantFrom(0, -1, 1, 1.5, 1e308, 6, '[]', '{}', '{"type": 7}'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(name, tie('value')), { maxLength: 3, selector: ([key]) => key })
      .map((members) => Object.fromEntries(members)),
  ),
}))

it.each(ACTIONS)('%s', (action) => {
  const paths = [...dataKinds(action).keys()]
  fc.assert(
    fc.property(fc.constantFrom(...paths), value, (path, given) => {
      const [first = '', ...rest] = path.split('.')
      const nested = rest.reduceRight((inner: unknown, step) => ({ [step]: inner }), given)
      const data = { ...RIGHT[action], [first]: nested }
      const inputs = {
        authentication: { type: 'defaultCredentialsChain' },
        configuration: { region: 'eu-west-1' },
        action,
        data,
      }
      const bound = bindRequest(JSON.stringify(inputs), { compatibility: '8.9' })
      if (bound.ok) return
      expect(bound.error).toMatchObject({ input: true, message: expect.stringContaining(first) })
    }),
    { numRuns: 3_000 },
  )
})
