// Inputs of more than one action: the call itself, who pays for it, and what becomes of the answer.
import { ACTIONS, BOOLEAN, type Input, OBJECT, TEXT } from '../input.ts'

const ACTION_NAMES = {
  converse: 'Converse with a model',
  invokeModel: 'Invoke a model with its own body',
  countTokens: 'Count tokens',
  applyGuardrail: 'Apply a guardrail',
  invokeGuardrailChecks: 'Check content without a guardrail',
}

export const CALL_INPUTS: readonly Input[] = [
  {
    name: 'action',
    kinds: [{ kind: 'choice', values: ACTIONS }],
    stock: true,
    field: { group: 'call', label: 'Action', value: 'converse', choices: ACTION_NAMES },
  },
  {
    name: 'configuration.region',
    kinds: [TEXT],
    stock: true,
    field: { group: 'call', label: 'AWS region', placeholder: 'eu-central-1', required: true },
  },
  {
    name: 'data.modelId',
    actions: ['converse', 'invokeModel', 'countTokens'],
    kinds: [TEXT],
    stock: true,
    field: {
      group: 'call',
      label: 'Model',
      description: 'Id or ARN of a model, an inference profile or a managed prompt.',
      placeholder: 'eu.anthropic.claude-sonnet-4-6',
      required: true,
    },
  },
]

/** Why Bedrock stopped without a whole answer; `bpmnErrors` may also have `schema_violated`, other reasons, and names of AWS's errors. */
export const CAUGHT_REASONS = [
  'max_tokens',
  'guardrail_intervened',
  'content_filtered',
  'malformed_model_output',
  'malformed_tool_use',
  'model_context_window_exceeded',
  'schema_violated',
] as const

const TWO = ['converse', 'invokeModel'] as const

export const ANSWER_INPUTS: readonly Input[] = [
  {
    name: 'data.serviceTier',
    actions: ['converse'],
    kinds: [{ kind: 'choice', values: ['default', 'flex', 'priority', 'reserved'] }, OBJECT],
    field: tier(),
  },
  {
    name: 'data.serviceTier',
    actions: ['invokeModel'],
    kinds: [{ kind: 'choice', values: ['default', 'flex', 'priority', 'reserved'] }],
    field: tier(),
  },
  {
    name: 'data.performanceConfig',
    actions: ['converse'],
    kinds: [{ kind: 'choice', values: ['standard', 'optimized'] }, OBJECT],
    field: latency(),
  },
  {
    name: 'data.performanceConfigLatency',
    actions: ['invokeModel'],
    kinds: [{ kind: 'choice', values: ['standard', 'optimized'] }],
    field: latency(),
  },
  {
    name: 'data.streaming',
    actions: TWO,
    kinds: [BOOLEAN],
    field: {
      group: 'service',
      label: 'Read the answer as a stream',
      description: 'Keeps long answers from being cut as idle connections. The result is the same.',
      unset: "by the lane's rule, else by the model",
      choices: { '=true': 'Always', '=false': 'Never' },
    },
  },
  {
    name: 'data.requestMetadata',
    actions: TWO,
    kinds: [OBJECT],
    field: {
      group: 'request',
      label: 'Request metadata',
      description:
        'Texts by name for the invocation log. Quarry adds process, instance, element, tenant and job.',
      placeholder: '{costCentre: "4711"}',
    },
  },
  {
    name: 'data.resultDetails',
    kinds: [BOOLEAN],
    field: {
      group: 'details',
      label: 'Form of the result',
      unset: "the stock connector's",
      choices: { '=true': 'All details: text, stop reason, tool calls, usage, cost …' },
    },
  },
  {
    name: 'data.answerDocument',
    actions: TWO,
    kinds: [{ kind: 'choice', values: ['never', 'large', 'always'] }],
    field: {
      group: 'details',
      label: 'Store the answer as a document',
      description: 'Images, audio and results too large for variables become Camunda documents.',
      unset: 'never',
      choices: { large: 'What does not fit into variables', always: 'Always' },
    },
  },
  {
    name: 'data.bpmnErrors',
    kinds: [{ kind: 'choices', values: CAUGHT_REASONS, others: true }],
    field: {
      group: 'errors',
      label: 'Thrown as BPMN errors',
      description:
        'List of stop reasons, schema_violated or names of AWS errors. Each is the code of its BPMN error.',
      placeholder: '["max_tokens", "guardrail_intervened", "ThrottlingException"]',
    },
  },
]

function tier(): NonNullable<Input['field']> {
  return {
    group: 'service',
    label: 'Service tier',
    unset: 'what the account has',
    choices: {
      default: 'Default',
      flex: 'Flex: cheaper, slower',
      priority: 'Priority: dearer, faster',
      reserved: 'Reserved capacity',
    },
  }
}

function latency(): NonNullable<Input['field']> {
  return {
    group: 'service',
    label: 'Latency',
    unset: 'what the model has',
    choices: { standard: 'Standard', optimized: 'Optimised' },
  }
}
