// Checks the form of what a task sets in a Converse request, before anything is paid; input-faults.ts checks the values of single inputs.
// Unknown fields and members pass: Bedrock judges them
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). Pure.
import { z } from 'zod'
import type { JsonObject } from '../job/json.ts'
import { CACHE_TTLS, cachePointFaults } from './cache-points.ts'

const text = z.string({ error: 'must be a text' })
const filled = text.refine((value) => value.trim() !== '', { error: 'must not be blank' })
const oneOf = (...values: readonly [string, ...string[]]) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` })
const object = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON_RAW(value),
  { error: 'must be an object' },
)
const JSON_RAW = (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON
const loose = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.looseObject(shape, { error: 'must be an object' })
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item, { error: 'must be a list' })

/** One member decides what the object is; members that are not known here pass. */
const cachePoint = loose({
  type: oneOf('default'),
  ttl: z.enum(CACHE_TTLS, { error: `must be one of ${CACHE_TTLS.join(', ')}` }).optional(),
})

const systemBlock = loose({ text: filled.optional(), cachePoint: cachePoint.optional() })

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html */
const toolName = text.regex(/^[a-zA-Z0-9_-]{1,64}$/, {
  error: 'must be 1 to 64 letters, digits, hyphens and underscores',
})
const tool = loose({
  toolSpec: loose({
    name: toolName,
    description: filled.optional(),
    inputSchema: loose({ json: object }),
    strict: z.boolean({ error: 'must be true or false' }).optional(),
  }).optional(),
  cachePoint: cachePoint.optional(),
}).refine((value) => Object.keys(value).length === 1, {
  error: 'must have one member, such as toolSpec or cachePoint',
})

const toolChoice = loose({ tool: loose({ name: toolName }).optional() }).refine(
  (value) => Object.keys(value).length === 1,
  { error: 'must have one member: auto, any or tool' },
)

const FIELDS: Readonly<Record<string, z.ZodType>> = {
  system: z.union([text, listOf(systemBlock)], { error: 'must be a text or a list of system blocks' }),
  inferenceConfig: loose({ stopSequences: listOf(text.min(1, { error: 'must not be empty' })).optional() }),
  toolConfig: loose({
    tools: listOf(tool).min(1, { error: 'must not be empty' }),
    toolChoice: toolChoice.optional(),
  }),
  guardrailConfig: loose({
    guardrailIdentifier: filled,
    guardrailVersion: text.regex(/^([1-9][0-9]{0,7}|DRAFT)$/, {
      error: 'must be a number as text, or DRAFT',
    }),
  }),
  additionalModelResponseFieldPaths: listOf(
    text.regex(/^\//, { error: 'must be a JSON pointer, which begins with /' }).max(256, {
      error: 'must have 256 characters at the most',
    }),
  ).max(10, { error: 'must have 10 entries at the most' }),
  promptVariables: z.record(text, loose({ text }), { error: 'must be an object of texts' }),
  outputConfig: loose({
    textFormat: loose({
      type: oneOf('json_schema'),
      structure: loose({ jsonSchema: loose({ schema: filled }) }),
    }).optional(),
  }),
}

/**
 * What is wrong with a request: `path: reason`, one for each fault; none if it may be sent.
 * @param further - the fields of the request that the task gives in its input `requestFields`.
 */
export function converseFaults(body: JsonObject, further: JsonObject): readonly string[] {
  const faults = Object.entries(FIELDS).flatMap(([name, field]) => {
    if (!Object.hasOwn(body, name)) return []
    const read = field.safeParse(body[name])
    return read.success
      ? []
      : read.error.issues.map(
          (issue) => `${Object.hasOwn(further, name) ? 'requestFields.' : ''}${fault(name, issue)}`,
        )
  })
  return faults.length > 0 ? faults : cachePointFaults(body)
}

function fault(name: string, { path, message }: z.core.$ZodIssue): string {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  // Its input stands beside the others.
  return `${name}${place}: ${message}`.replace(/^inferenceConfig\./, '')
}
