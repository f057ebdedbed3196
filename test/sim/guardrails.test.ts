import {
  ApplyGuardrailCommand,
  type ContentBlock,
  ConverseCommand,
  InvokeGuardrailChecksCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { expect, test } from 'vitest'
import { errorOf, plainClient, simForTest } from './clients.ts'

const GUARDRAIL = { guardrailIdentifier: 'simguardrail', guardrailVersion: '1' }

function ask(content: ContentBlock[], trace?: 'enabled') {
  return new ConverseCommand({
    modelId: 'm1',
    messages: [{ role: 'user', content }],
    guardrailConfig: { ...GUARDRAIL, ...(trace && { trace }) },
  })
}

test('a guardrail blocks a prompt with a word of its list, and no model is asked', async () => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(ask([{ text: 'A Forbidden thing' }], 'enabled'))
  expect(answer).toMatchObject({
    stopReason: 'guardrail_intervened',
    output: { message: { content: [{ text: 'Sorry, the model cannot answer this question.' }] } },
    usage: { inputTokens: 0, outputTokens: 0 },
  })
  expect(answer.trace?.guardrail).toMatchObject({
    actionReason: 'Guardrail blocked.',
    inputAssessment: {
      simguardrail: {
        wordPolicy: { customWords: [{ match: 'forbidden', action: 'BLOCKED', detected: true }] },
      },
    },
  })
})

test('a guardrail blocks an answer, and masks addresses in it', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const blocked = await client.send(ask([{ text: '[[sim text: It is forbidden]] Hi' }], 'enabled'))
  expect(blocked.output?.message?.content).toEqual([
    { text: 'Sorry, the model cannot answer this question.' },
  ])
  expect(blocked.trace?.guardrail).toMatchObject({ modelOutput: ['It is forbidden'] })
  const masked = await client.send(ask([{ text: '[[sim text: Write to a.b@example.com]] Hi' }]))
  expect(masked.output?.message?.content).toEqual([{ text: 'Write to {EMAIL}' }])
  expect(masked).toMatchObject({ stopReason: 'guardrail_intervened' })
  expect(masked.trace).toBeUndefined()
})

test('an answer that passes a guardrail is unchanged, and its trace has an assessment', async () => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(ask([{ text: 'Hi' }], 'enabled'))
  expect(answer).toMatchObject({
    stopReason: 'end_turn',
    output: { message: { content: [{ text: 'Echo: Hi' }] } },
  })
  expect(answer.trace?.guardrail?.inputAssessment?.['simguardrail']?.invocationMetrics).toBeDefined()
})

test('where parts of a prompt are marked for the guardrail, it judges them alone', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const marked: ContentBlock = { guardContent: { text: { text: 'fine' } } }
  const passed = await client.send(ask([{ text: '[[sim text: ok]] forbidden' }, marked]))
  expect(passed.stopReason).toBe('end_turn')
})

test('guardrails of the settings have words and answers of their own; others are not there', async () => {
  const sim = await simForTest({
    settings: {
      guardrails: [{ id: 'house', version: '2', words: ['secret'], blockedInput: 'No secrets here.' }],
    },
  })
  const client = plainClient(sim)
  const command = ask([{ text: 'a secret' }])
  expect(await errorOf(client.send(command))).toMatchObject({
    name: 'ValidationException',
    message: 'The guardrail identifier or version provided in the request does not exist.',
  })
  command.input.guardrailConfig = {
    guardrailIdentifier: 'arn:aws:bedrock:eu-west-1:123456789012:guardrail/house',
    guardrailVersion: '2',
  }
  const { output } = await client.send(command)
  expect(output?.message?.content).toEqual([{ text: 'No secrets here.' }])
})

test('InvokeModel has its guardrail in headers, and what it did in fields of its answer', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const send = async (text: string) => {
    const body = JSON.stringify({ anthropic_version: 'x', messages: [{ role: 'user', content: text }] })
    const answer = await client.send(
      new InvokeModelCommand({ modelId: 'm1', body, ...GUARDRAIL, trace: 'ENABLED' }),
    )
    return JSON.parse(answer.body.transformToString())
  }
  expect(await send('Hi')).toMatchObject({
    'amazon-bedrock-guardrailAction': 'NONE',
    content: [{ text: 'Hello from m1' }],
  })
  expect(await send('Something forbidden')).toMatchObject({
    'amazon-bedrock-guardrailAction': 'INTERVENED',
    'amazon-bedrock-trace': { guardrail: { actionReason: 'Guardrail blocked.' } },
    content: [{ text: 'Sorry, the model cannot answer this question.' }],
  })
})

test('ApplyGuardrail judges texts without a model, and uses no quota of one', async () => {
  const sim = await simForTest({ settings: { quotas: [{ tokensPerMinute: 1 }] } })
  const client = plainClient(sim)
  const apply = (text: string) =>
    client.send(new ApplyGuardrailCommand({ ...GUARDRAIL, source: 'INPUT', content: [{ text: { text } }] }))
  expect(await apply('Hi')).toMatchObject({ action: 'NONE', outputs: [], assessments: [] })
  expect(await apply('forbidden')).toMatchObject({
    action: 'GUARDRAIL_INTERVENED',
    outputs: [{ text: 'Sorry, the model cannot answer this question.' }],
    usage: { wordPolicyUnits: 1 },
  })
  expect(await apply('Mail a@example.com')).toMatchObject({
    action: 'GUARDRAIL_INTERVENED',
    outputs: [{ text: 'Mail {EMAIL}' }],
    assessments: [
      { sensitiveInformationPolicy: { piiEntities: [{ type: 'EMAIL', match: 'a@example.com' }] } },
    ],
  })
  await apply('Hi')
  expect(sim.stats()).toMatchObject({ ok: 4, duplicates: 0, inputTokens: 0 })
  expect(sim.requests()[0]).toMatchObject({
    model: 'simguardrail',
    path: '/guardrail/simguardrail/version/1/apply',
  })
})

test('ApplyGuardrail of a guardrail that is not there, or with a wrong source, is refused', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const content = [{ text: { text: 'Hi' } }]
  const missing = new ApplyGuardrailCommand({
    guardrailIdentifier: 'x',
    guardrailVersion: '1',
    source: 'INPUT',
    content,
  })
  expect((await errorOf(client.send(missing))).name).toBe('ResourceNotFoundException')
  const wrong = new ApplyGuardrailCommand({ ...GUARDRAIL, source: 'BOTH' as never, content })
  expect((await errorOf(client.send(wrong))).message).toContain("Value 'BOTH' at 'source'")
})

test('InvokeGuardrailChecks scores what it is asked for', async () => {
  const sim = await simForTest()
  const checks = {
    contentFilter: { categories: [{ category: 'VIOLENCE' }, { category: 'HATE' }] },
    promptAttack: { categories: [{ category: 'JAILBREAK' }] },
    sensitiveInformation: { entities: [{ type: 'EMAIL' }, { type: 'IP_ADDRESS' }] },
  } as const
  const text = '[[sim scores: {HATE: 0.4}]] Kill it, writes a@example.com'
  const answer = await plainClient(sim).send(
    new InvokeGuardrailChecksCommand({
      messages: [{ role: 'user', content: [{ text }] }],
      checks: checks as never,
    }),
  )
  expect(answer.results).toEqual({
    contentFilter: {
      results: [
        { category: 'VIOLENCE', severityScore: 0.9 },
        { category: 'HATE', severityScore: 0.4 },
      ],
    },
    promptAttack: { results: [{ category: 'JAILBREAK', severityScore: 0 }] },
    sensitiveInformation: {
      results: [
        {
          type: 'EMAIL',
          confidenceScore: 0.99,
          beginOffset: 16,
          endOffset: 29,
          messageIndex: 0,
          contentIndex: 0,
        },
      ],
      truncated: false,
    },
  })
  expect(answer.usage).toMatchObject({ contentFilter: { textUnits: 1 } })
})
