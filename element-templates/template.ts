// Makes Quarry's element templates from the description of the inputs. Pure.
import { readFileSync } from 'node:fs'
import { GROUPS, type Input, type InputKind, type TemplateField } from '../src/bedrock/input.ts'
import { INPUTS } from '../src/bedrock/inputs.ts'
import { JOB_TYPE, JOB_TYPE_FIELD, TASK_FIELDS, type TaskField } from './task-fields.ts'

/** Raised with each change that diagrams should take over; the modeler then offers the update. */
const VERSION = 1
const ICON = readFileSync(new URL('../src/dashboard/page/icon.svg', import.meta.url), 'utf8').trim()

type Binding = { readonly type: 'zeebe:input'; readonly name: string } | TaskField['binding']

interface Condition {
  readonly property: string
  readonly oneOf: readonly string[]
}
type TemplateCondition = Condition | { readonly allMatch: readonly Condition[] }

/** A property of an element template, as https://github.com/camunda/element-templates-json-schema has it. */
export interface TemplateProperty {
  readonly id?: string
  readonly group?: string
  readonly label?: string
  readonly description?: string
  readonly placeholder?: string
  readonly type: 'Hidden' | 'String' | 'Text' | 'Number' | 'Dropdown'
  readonly feel?: 'required' | 'optional'
  readonly value?: string
  readonly choices?: readonly { readonly name: string; readonly value: string }[]
  readonly optional?: true
  readonly constraints?: {
    readonly notEmpty?: boolean
    readonly pattern?: { readonly value: string; readonly message: string }
  }
  readonly binding: Binding
  readonly condition?: TemplateCondition
}

export type ElementTemplateFile = ReturnType<typeof elementTemplateFile>

/** @param hybrid - whether the job type is a field, for tasks that only some workers take. */
export function elementTemplateFile({ hybrid }: { hybrid: boolean }) {
  const id = hybrid ? 'io.quarry.bedrock.v1-hybrid' : 'io.quarry.bedrock.v1'
  // Headers come before inputs in each group: the properties panel knows a field by its place in its group, and fails when a condition
  // puts an input in the place of a header.
  const fields = [...TASK_FIELDS.map(taskProperty), ...inputProperties()]
  const jobType = hybrid
    ? taskProperty(JOB_TYPE_FIELD)
    : hidden({ type: 'zeebe:taskDefinition', property: 'type' }, JOB_TYPE)
  const groups = Object.keys(GROUPS)
  return {
    $schema: 'https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json',
    name: hybrid ? 'Amazon Bedrock by Quarry (hybrid)' : 'Amazon Bedrock by Quarry',
    id,
    version: VERSION,
    engines: { camunda: '^8.6' },
    description: 'Ask a model, count tokens, or check content with Amazon Bedrock',
    keywords: ['AI', 'LLM', 'Claude', 'Nova', 'Converse', 'guardrail', 'AWS'],
    category: { id: 'quarry', name: 'Quarry' },
    documentationRef: 'https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html',
    appliesTo: ['bpmn:Task'],
    elementType: { value: 'bpmn:ServiceTask' },
    icon: { contents: `data:image/svg+xml;base64,${Buffer.from(ICON).toString('base64')}` },
    groups: Object.entries(GROUPS).map(([group, { label, ...more }]) => ({
      id: group,
      label,
      openByDefault: 'open' in more,
    })),
    properties: [
      jobType,
      // The properties panel has groups in the order of their first fields.
      ...fields.toSorted((one, other) => groups.indexOf(one.group ?? '') - groups.indexOf(other.group ?? '')),
      hidden({ type: 'zeebe:taskHeader', key: 'elementTemplateId' }, id),
      hidden({ type: 'zeebe:taskHeader', key: 'elementTemplateVersion' }, String(VERSION)),
    ],
  }
}

function inputProperties(): TemplateProperty[] {
  return INPUTS.flatMap((input) => {
    const { name, field } = input
    if (field === undefined) return []
    const condition = conditionOf(input, field)
    return {
      id: propertyId(input),
      ...shown(field),
      ...typeOf(input.kinds, field),
      binding: { type: 'zeebe:input', name },
      ...(condition === null ? {} : { condition }),
    }
  })
}

/** Inputs of one name for several actions are several properties. */
function propertyId({ name, actions }: Pick<Input, 'name' | 'actions'>): string {
  const twice = INPUTS.filter((other) => other.name === name).length > 1
  return twice ? `${actions?.join('_')}.${name}` : name
}

function conditionOf({ actions }: Input, { shownFor }: TemplateField): TemplateCondition | null {
  const conditions: Condition[] = []
  if (actions !== undefined) conditions.push({ property: 'action', oneOf: actions })
  if (shownFor !== undefined) conditions.push({ property: shownFor.name, oneOf: shownFor.values })
  const [only = null] = conditions
  return conditions.length > 1 ? { allMatch: conditions } : only
}

/** The control of a field, and whether it takes FEEL. */
function typeOf(
  kinds: Input['kinds'],
  { choices, long }: TemplateField,
): Pick<TemplateProperty, 'type' | 'feel'> {
  if (choices !== undefined) return { type: 'Dropdown' }
  const [first] = kinds
  if (first.kind === 'integer' || first.kind === 'number') return { type: 'Number', feel: 'optional' }
  if (!kinds.some(isText)) return { type: 'Text', feel: 'required' }
  return { type: long ? 'Text' : 'String', feel: 'optional' }
}

function isText({ kind }: InputKind): boolean {
  return kind === 'text' || kind === 'choice'
}

function taskProperty({ binding, feel, pattern, ...field }: TaskField): TemplateProperty {
  const { choices, long } = field
  const control = choices !== undefined ? 'Dropdown' : long ? 'Text' : 'String'
  return {
    id: binding.type === 'zeebe:taskHeader' ? binding.key : binding.property,
    ...shown(field),
    type: control,
    ...(feel === undefined ? {} : { feel }),
    ...(pattern === undefined ? {} : { constraints: { notEmpty: false, pattern } }),
    binding,
  }
}

/** What every field has. An empty optional field writes nothing into the diagram. */
function shown(field: TemplateField): Omit<TemplateProperty, 'type' | 'binding'> {
  const { group, label, description, unset, placeholder, value, choices, required } = field
  const about = unset === undefined ? description : `${description ? `${description} ` : ''}Empty: ${unset}.`
  const kept = required === true || (value !== undefined && choices !== undefined)
  return {
    group,
    label,
    ...(about === undefined ? {} : { description: about }),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(value === undefined ? {} : { value }),
    ...(choices === undefined ? {} : { choices: Object.entries(choices).map(choice) }),
    ...(kept ? {} : { optional: true }),
    ...(required ? { constraints: { notEmpty: true } } : {}),
  }
}

function choice([value, name]: [string, string]): { readonly name: string; readonly value: string } {
  return { name, value }
}

function hidden(binding: Binding, value: string): TemplateProperty {
  return { type: 'Hidden', value, binding }
}
