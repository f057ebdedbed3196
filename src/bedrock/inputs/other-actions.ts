// Inputs of the actions besides converse. Names and shapes are Bedrock's own.
import { type Input, JSON_VALUE, LIST, OBJECT, TEXT } from '../input.ts'

const INVOKE: readonly Input[] = [
  {
    name: 'data.payload',
    actions: ['invokeModel'],
    kinds: [JSON_VALUE],
    stock: true,
    field: {
      group: 'content',
      label: 'Body',
      description: "The model's own request.",
      placeholder: '{inputText: question}',
      required: true,
    },
  },
  {
    name: 'data.contentType',
    actions: ['invokeModel'],
    kinds: [TEXT],
    field: { group: 'format', label: 'Type of the body', placeholder: 'application/json' },
  },
  {
    name: 'data.accept',
    actions: ['invokeModel'],
    kinds: [TEXT],
    field: { group: 'format', label: 'Type of the answer', placeholder: 'application/json' },
  },
  {
    name: 'data.guardrailIdentifier',
    actions: ['invokeModel'],
    kinds: [TEXT],
    field: { group: 'guardrail', label: 'Guardrail', description: 'Id or ARN.' },
  },
  {
    name: 'data.guardrailVersion',
    actions: ['invokeModel'],
    kinds: [TEXT],
    field: {
      group: 'guardrail',
      label: 'Version of the guardrail',
      description: 'Needed with a guardrail.',
      placeholder: 'DRAFT',
    },
  },
  {
    name: 'data.trace',
    actions: ['invokeModel'],
    kinds: [{ kind: 'choice', values: ['ENABLED', 'DISABLED', 'ENABLED_FULL'] }],
    field: {
      group: 'guardrail',
      label: 'Trace of the guardrail',
      unset: 'none',
      choices: {
        ENABLED: 'What it found',
        ENABLED_FULL: 'All that it looked at',
        DISABLED: 'Off',
      },
    },
  },
]

const COUNT: readonly Input[] = [
  { name: 'data.input', actions: ['countTokens'], kinds: [OBJECT] },
  {
    name: 'data.input.converse.messages',
    actions: ['countTokens'],
    kinds: [LIST],
    field: {
      group: 'content',
      label: 'Messages to count',
      description: 'As Converse takes them. Leave empty to count a body of InvokeModel.',
      placeholder: '[{role: "user", content: [{text: question}]}]',
    },
  },
  {
    name: 'data.input.converse.system',
    actions: ['countTokens'],
    kinds: [TEXT, LIST],
    field: { group: 'content', label: 'System prompt to count', long: true },
  },
  {
    name: 'data.input.converse.toolConfig',
    actions: ['countTokens'],
    kinds: [OBJECT],
    field: { group: 'content', label: 'Tools to count', placeholder: '{tools: tools}' },
  },
  {
    name: 'data.input.converse.additionalModelRequestFields',
    actions: ['countTokens'],
    kinds: [OBJECT],
    field: {
      group: 'content',
      label: "The model's own settings",
      placeholder: '{thinking: {type: "enabled", budget_tokens: 2000}}',
    },
  },
  {
    name: 'data.input.invokeModel.body',
    actions: ['countTokens'],
    kinds: [JSON_VALUE],
    field: {
      group: 'content',
      label: 'Body to count',
      description: 'As InvokeModel takes it, in place of messages.',
      placeholder: '{inputText: question}',
    },
  },
]

const APPLY: readonly Input[] = [
  {
    name: 'data.guardrailIdentifier',
    actions: ['applyGuardrail'],
    kinds: [TEXT],
    field: { group: 'call', label: 'Guardrail', description: 'Id or ARN.', required: true },
  },
  {
    name: 'data.guardrailVersion',
    actions: ['applyGuardrail'],
    kinds: [TEXT],
    field: { group: 'call', label: 'Version of the guardrail', value: 'DRAFT', required: true },
  },
  {
    name: 'data.source',
    actions: ['applyGuardrail'],
    kinds: [{ kind: 'choice', values: ['INPUT', 'OUTPUT'] }],
    field: {
      group: 'content',
      label: 'Where the content is from',
      value: 'INPUT',
      choices: { INPUT: 'A user', OUTPUT: 'A model' },
    },
  },
  {
    name: 'data.content',
    actions: ['applyGuardrail'],
    kinds: [TEXT, LIST],
    field: {
      group: 'content',
      label: 'Content',
      description: "A text, or a list of Bedrock's content blocks of guardrails.",
      required: true,
      long: true,
    },
  },
  {
    name: 'data.outputScope',
    actions: ['applyGuardrail'],
    kinds: [{ kind: 'choice', values: ['INTERVENTIONS', 'FULL'] }],
    field: {
      group: 'content',
      label: 'What is reported',
      unset: 'interventions',
      choices: { FULL: 'Everything that was looked at' },
    },
  },
]

const CHECKS: readonly Input[] = [
  {
    name: 'data.messages',
    actions: ['invokeGuardrailChecks'],
    kinds: [LIST],
    field: {
      group: 'content',
      label: 'Messages to check',
      placeholder: '[{role: "user", content: [{text: question}]}]',
      required: true,
    },
  },
  { name: 'data.checks', actions: ['invokeGuardrailChecks'], kinds: [OBJECT] },
  {
    name: 'data.checks.contentFilter.categories',
    actions: ['invokeGuardrailChecks'],
    kinds: [LIST],
    field: {
      group: 'content',
      label: 'Harmful content',
      description: 'Categories to look for; not looked for if empty.',
      value:
        '=[{category: "HATE"}, {category: "INSULTS"}, {category: "MISCONDUCT"}, {category: "SEXUAL"}, {category: "VIOLENCE"}]',
    },
  },
  {
    name: 'data.checks.promptAttack.categories',
    actions: ['invokeGuardrailChecks'],
    kinds: [LIST],
    field: {
      group: 'content',
      label: 'Prompt attacks',
      description: 'Categories to look for; not looked for if empty.',
      value: '=[{category: "JAILBREAK"}, {category: "PROMPT_INJECTION"}, {category: "PROMPT_LEAKAGE"}]',
    },
  },
  {
    name: 'data.checks.sensitiveInformation.entities',
    actions: ['invokeGuardrailChecks'],
    kinds: [LIST],
    field: {
      group: 'content',
      label: 'Sensitive information',
      description: 'Kinds to look for; not looked for if empty.',
      placeholder: '[{type: "EMAIL"}, {type: "PHONE"}]',
    },
  },
]

export const OTHER_ACTION_INPUTS: readonly Input[] = [...INVOKE, ...COUNT, ...APPLY, ...CHECKS]
