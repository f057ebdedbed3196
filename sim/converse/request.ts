// Whether Bedrock would take a Converse request: first the shape of each field, then the rules of conversations. Pure.
import { schemaProblem } from '../schema/compile.ts'
import { cachePoint, contentBlock, guardContent } from './blocks.ts'
import { conversationProblem } from './conversation.ts'
import { schemaText } from './normal-answer.ts'
import {
  anything,
  boolean,
  type Check,
  list,
  map,
  metadata,
  number,
  oneOf,
  structure,
  text,
  union,
} from './shapes.ts'

const tool = union('Tool', {
  toolSpec: structure({
    name: text({ min: 1, max: 64, pattern: /^[a-zA-Z0-9_-]+$/ }),
    'description?': text({ min: 1 }),
    inputSchema: union('ToolInputSchema', { json: anything }),
    'strict?': boolean,
  }),
  systemTool: structure({ name: text({ min: 1, max: 64, pattern: /^[a-zA-Z0-9_-]+$/ }) }),
  cachePoint,
})

const toolChoice = union('ToolChoice', {
  auto: structure({}),
  any: structure({}),
  tool: structure({ name: text({ min: 1, max: 64 }) }),
})

const textFormat = structure({
  type: oneOf('json_schema'),
  structure: union('OutputFormatStructure', {
    jsonSchema: structure({ schema: text({ min: 1 }), 'name?': text({ min: 1 }), 'description?': text() }),
  }),
})

/** The request of Converse; that of ConverseStream has a mode of its guardrail besides. */
function requestShape(allowUnknown: boolean): Check {
  return structure({
    'messages?': list(
      structure({ role: oneOf('user', 'assistant', 'system'), content: list(contentBlock(allowUnknown)) }),
    ),
    'system?': list(
      union('SystemContentBlock', { text: text({ min: 1 }), guardContent, cachePoint }, allowUnknown),
    ),
    'inferenceConfig?': structure({
      'maxTokens?': number(1),
      'temperature?': number(0, 1),
      'topP?': number(0, 1),
      'stopSequences?': list(text({ min: 1 }), { max: 2_500 }),
    }),
    'toolConfig?': structure({ tools: list(tool, { min: 1 }), 'toolChoice?': toolChoice }),
    'guardrailConfig?': structure({
      guardrailIdentifier: text({ min: 1 }),
      guardrailVersion: text({ pattern: /^([1-9][0-9]{0,7}|DRAFT)$/ }),
      'trace?': oneOf('enabled', 'disabled', 'enabled_full'),
      'streamProcessingMode?': oneOf('sync', 'async'),
    }),
    'promptVariables?': map(anything, union('PromptVariableValues', { text: text() })),
    'additionalModelResponseFieldPaths?': list(text({ min: 1, max: 256, pattern: /^\// }), { max: 10 }),
    'requestMetadata?': metadata,
    'performanceConfig?': structure({ 'latency?': oneOf('standard', 'optimized') }),
    'serviceTier?': structure({ type: oneOf('priority', 'default', 'flex', 'reserved') }),
    'outputConfig?': structure({
      'textFormat?': textFormat,
      'effort?': oneOf('low', 'medium', 'high', 'xhigh', 'max'),
    }),
  })
}

const SHAPE = requestShape(false)
const OPEN_SHAPE = requestShape(true)

/** What Bedrock answers, with 400, to a request that it does not take; undefined when it does. */
export function requestProblem(body: unknown, model: string, allowUnknown: boolean): string | undefined {
  const problems = (allowUnknown ? OPEN_SHAPE : SHAPE)(body, '')
  const [first] = problems
  if (first !== undefined) {
    if (first.startsWith('The ')) return first
    const errors = problems.filter((problem) => !problem.startsWith('The '))
    return `${errors.length} validation error${errors.length === 1 ? '' : 's'} detected: ${errors.join('; ')}`
  }
  return conversationProblem(body, model) ?? structuredOutputProblem(body)
}

function structuredOutputProblem(body: unknown): string | undefined {
  const schema = schemaText(body)
  const problem = schema === undefined ? undefined : schemaProblem(schema)
  return problem === undefined ? undefined : `The model returned the following errors: ${problem}`
}
