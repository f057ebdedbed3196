// Inputs of the action converse. Names and shapes are Bedrock's own, except for those that Quarry or the stock connector made.
import { CACHE_PLACES, CACHE_TTLS } from '../cache-points.ts'
import { type Input, LIST, OBJECT, TEXT } from '../input.ts'

const actions = ['converse'] as const

const ASKED: readonly Input[] = [
  {
    name: 'data.newMessage',
    actions,
    kinds: [TEXT],
    stock: true,
    field: {
      group: 'content',
      label: 'Message',
      description: 'What the model is asked. May be empty if results of tools or content are sent.',
      long: true,
    },
  },
  {
    name: 'data.system',
    actions,
    kinds: [TEXT, LIST],
    field: {
      group: 'model',
      label: 'System prompt',
      description: "A text, or a list of Bedrock's system blocks.",
      long: true,
    },
  },
  {
    name: 'data.maxTokens',
    actions,
    kinds: [{ kind: 'integer', min: 1 }],
    stock: true,
    field: {
      group: 'model',
      label: 'Most tokens of the answer',
      description: 'Longer answers are cut. 512 if empty.',
    },
  },
  {
    name: 'data.temperature',
    actions,
    kinds: [{ kind: 'number', min: 0 }],
    stock: true,
    field: {
      group: 'model',
      label: 'Temperature',
      description: '0 for the likeliest words, 1 for more variety.',
    },
  },
  {
    name: 'data.topP',
    actions,
    kinds: [{ kind: 'number', min: 0, max: 1 }],
    stock: true,
    field: {
      group: 'model',
      label: 'Top P',
      description: 'Share of the likeliest words to choose from, 0 to 1.',
    },
  },
  {
    name: 'data.stopSequences',
    actions,
    kinds: [LIST],
    field: { group: 'model', label: 'Stop sequences', placeholder: '["END"]' },
  },
  { name: 'data.outputConfig', actions, kinds: [OBJECT] },
  {
    name: 'data.outputConfig.effort',
    actions,
    kinds: [{ kind: 'choice', values: ['low', 'medium', 'high', 'xhigh', 'max'] }],
    field: {
      group: 'model',
      label: 'Effort',
      description: 'How much a reasoning model thinks before it answers.',
      unset: 'what the model has',
      choices: {
        low: 'Low',
        medium: 'Medium',
        high: 'High',
        xhigh: 'Very high',
        max: 'Most',
      },
    },
  },
  {
    name: 'data.additionalModelRequestFields',
    actions,
    kinds: [OBJECT],
    field: {
      group: 'model',
      label: "The model's own settings",
      description: 'Fields of this model that Converse has no name for, such as reasoning.',
      placeholder: '{thinking: {type: "enabled", budget_tokens: 2000}}',
    },
  },
]

const CONVERSATION: readonly Input[] = [
  {
    name: 'data.messagesHistory',
    actions,
    kinds: [LIST],
    stock: true,
    field: {
      group: 'conversation',
      label: 'History',
      description: 'Messages so far, as a task before this one returned them.',
      placeholder: 'answer.messages',
    },
  },
  {
    name: 'data.newDocuments',
    actions,
    kinds: [LIST],
    stock: true,
    field: {
      group: 'conversation',
      label: 'Documents',
      description: 'Document references: files and images that come before the message.',
      placeholder: '[invoice]',
    },
  },
  {
    name: 'data.newContent',
    actions,
    kinds: [LIST],
    field: {
      group: 'conversation',
      label: 'Content blocks',
      description:
        "Bedrock's own blocks of any kind, before the message. Texts and document references may stand for blocks or bytes.",
      placeholder: '[{video: {format: "mp4", source: {bytes: clip}}}]',
    },
  },
]

const TOOLS: readonly Input[] = [
  { name: 'data.toolConfig', actions, kinds: [OBJECT] },
  {
    name: 'data.toolConfig.tools',
    actions,
    kinds: [LIST],
    field: {
      group: 'tools',
      label: 'Tools',
      description: "What the model may ask the process to do, as Bedrock's tool specifications.",
      placeholder: '[{toolSpec: {name: "lookup", inputSchema: {json: {type: "object"}}}}]',
    },
  },
  {
    name: 'data.toolConfig.toolChoice',
    actions,
    kinds: [OBJECT],
    field: {
      group: 'tools',
      label: 'Choice of a tool',
      description: 'Left to the model if empty; {any: {}} for any tool.',
      placeholder: '{tool: {name: "lookup"}}',
    },
  },
  {
    name: 'data.toolResults',
    actions,
    kinds: [LIST],
    field: {
      group: 'tools',
      label: 'Results of tools',
      description: 'What the tasks that the model asked for have found: its id and a result each.',
      placeholder: 'toolResults',
    },
  },
]

const STRUCTURED: readonly Input[] = [
  {
    name: 'data.schema',
    actions,
    kinds: [OBJECT, TEXT],
    field: {
      group: 'schema',
      label: 'JSON schema',
      description: 'The answer must satisfy it. JSON, as a text or as FEEL.',
      placeholder: '{"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}',
    },
  },
  {
    name: 'data.schemaName',
    actions,
    kinds: [TEXT],
    field: { group: 'schema', label: 'Name of the schema', placeholder: 'invoice' },
  },
  {
    name: 'data.schemaSent',
    actions,
    kinds: [{ kind: 'choice', values: ['outputConfig', 'prompt'] }],
    field: {
      group: 'schema',
      label: 'How the model is given the schema',
      unset: 'by the model and the schema',
      choices: { outputConfig: 'As a field of the request', prompt: 'In the system prompt' },
    },
  },
  {
    name: 'data.repairTurns',
    actions,
    kinds: [{ kind: 'integer', min: 0, max: 5 }],
    field: {
      group: 'schema',
      label: 'Most turns to repair the answer',
      description:
        'How often the model may correct an answer that violates the schema, 0 to 5. Each is paid. 1 if empty.',
    },
  },
]

const CACHE: readonly Input[] = [
  {
    name: 'data.cachePoints',
    actions,
    kinds: [{ kind: 'choices', values: CACHE_PLACES }],
    field: {
      group: 'cache',
      label: 'Cache up to and including',
      description: 'What stays the same from call to call is read from the cache at a lower price.',
      unset: "by the lane's rule, else no cache",
      choices: {
        '=["tools"]': 'Tools',
        '=["system"]': 'System prompt',
        '=["tools", "system"]': 'Tools, system prompt',
        '=["tools", "system", "history"]': 'Tools, system prompt, history',
        '=["tools", "system", "history", "message"]': 'Everything, with the new message',
      },
    },
  },
  {
    name: 'data.cacheTtl',
    actions,
    kinds: [{ kind: 'choice', values: CACHE_TTLS }],
    field: {
      group: 'cache',
      label: 'Kept for',
      unset: 'what the model has',
      choices: { '5m': 'Five minutes', '1h': 'An hour' },
    },
  },
]

const GUARDRAIL: readonly Input[] = [
  { name: 'data.guardrailConfig', actions, kinds: [OBJECT] },
  {
    name: 'data.guardrailConfig.guardrailIdentifier',
    actions,
    kinds: [TEXT],
    field: { group: 'guardrail', label: 'Guardrail', description: 'Id or ARN.' },
  },
  {
    name: 'data.guardrailConfig.guardrailVersion',
    actions,
    kinds: [TEXT],
    field: {
      group: 'guardrail',
      label: 'Version of the guardrail',
      description: 'Needed with a guardrail.',
      placeholder: 'DRAFT',
    },
  },
  {
    name: 'data.guardrailConfig.trace',
    actions,
    kinds: [{ kind: 'choice', values: ['enabled', 'disabled', 'enabled_full'] }],
    field: {
      group: 'guardrail',
      label: 'Trace of the guardrail',
      description: 'Is in the result with all details.',
      unset: 'none',
      choices: {
        enabled: 'What it found',
        enabled_full: 'All that it looked at',
        disabled: 'Off',
      },
    },
  },
]

const REQUEST: readonly Input[] = [
  {
    name: 'data.promptVariables',
    actions,
    kinds: [OBJECT],
    field: {
      group: 'request',
      label: 'Variables of the managed prompt',
      description: 'Texts by name, if the model is the ARN of a prompt.',
      placeholder: '{customer: name}',
    },
  },
  {
    name: 'data.additionalModelResponseFieldPaths',
    actions,
    kinds: [LIST],
    field: {
      group: 'request',
      label: 'Further fields of the answer',
      description: "JSON pointers into the model's own answer; they are in the result with all details.",
      placeholder: '["/stop_sequence"]',
    },
  },
  {
    name: 'data.requestFields',
    actions,
    kinds: [OBJECT],
    field: {
      group: 'request',
      label: 'Other request fields',
      description: 'Fields of Converse that have no input here.',
      placeholder: '{newField: "value"}',
    },
  },
]

export const CONVERSE_INPUTS: readonly Input[] = [
  ...ASKED,
  ...CONVERSATION,
  ...TOOLS,
  ...STRUCTURED,
  ...CACHE,
  ...GUARDRAIL,
  ...REQUEST,
]
