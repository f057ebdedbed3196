// Fields of the element template that are no inputs of the call: the task's definition and headers. Plain data.
import type { TemplateField } from '../src/bedrock/input.ts'

export interface TaskField extends TemplateField {
  readonly binding:
    | { readonly type: 'zeebe:taskDefinition'; readonly property: 'type' | 'retries' }
    | { readonly type: 'zeebe:taskHeader'; readonly key: string }
  /** The value is FEEL. */
  readonly feel?: 'required' | 'optional'
  /** What a value must look like, and what the modeler says otherwise. */
  readonly pattern?: { readonly value: string; readonly message: string }
}

/** The stock connector's, so that Quarry and the stock runtime can take over from each other. */
export const JOB_TYPE = 'io.camunda:aws-bedrock:1'

const DURATION = {
  value: String.raw`^(P(?=[\dT])(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)?$`,
  message: 'A duration such as PT30S or PT5M',
}

/** For the hybrid template only. */
export const JOB_TYPE_FIELD: TaskField = {
  group: 'call',
  label: 'Job type',
  description: 'As Quarry has it in CONNECTOR_AWS_BEDROCK_TYPE.',
  value: JOB_TYPE,
  required: true,
  binding: { type: 'zeebe:taskDefinition', property: 'type' },
}

export const TASK_FIELDS: readonly TaskField[] = [
  {
    group: 'result',
    label: 'Result variable',
    description: 'The process variable that gets the result.',
    placeholder: 'answer',
    binding: header('resultVariable'),
  },
  {
    group: 'details',
    label: 'Result expression',
    description: 'FEEL that makes process variables of the response.',
    placeholder: '{text: response.text, tokens: response.usage.totalTokens}',
    feel: 'required',
    long: true,
    binding: header('resultExpression'),
  },
  {
    group: 'errors',
    label: 'Error expression',
    description:
      'FEEL that gives bpmnError(…), jobError(…) or null. With all details, error.code is the name that AWS has for it.',
    placeholder: 'if error.code = "ValidationException" then bpmnError("TOO_LONG", error.message) else null',
    feel: 'required',
    long: true,
    binding: header('errorExpression'),
  },
  {
    group: 'waiting',
    label: 'Retries',
    description: 'Throttles and outages use up none.',
    value: '3',
    required: true,
    feel: 'optional',
    binding: { type: 'zeebe:taskDefinition', property: 'retries' },
  },
  {
    group: 'waiting',
    label: 'Pause before a retry',
    placeholder: 'PT30S',
    pattern: DURATION,
    binding: header('retryBackoff'),
  },
  {
    group: 'waiting',
    label: 'Longest wait for a turn',
    description: 'A job without an answer fails then.',
    placeholder: 'PT5M',
    pattern: DURATION,
    binding: header('quarry.maxWait'),
  },
  {
    group: 'waiting',
    label: 'Longest call',
    placeholder: 'PT10M',
    pattern: DURATION,
    binding: header('jobTimeout'),
  },
  {
    group: 'waiting',
    label: 'Priority',
    unset: 'normal',
    choices: { low: 'Low', normal: 'Normal', high: 'High', urgent: 'Urgent' },
    binding: header('quarry.priority'),
  },
  {
    group: 'waiting',
    label: 'Other regions and models',
    unset: 'where a route allows it',
    choices: { never: 'Never: only the region and model of this task' },
    binding: header('quarry.failover'),
  },
]

function header(key: string): TaskField['binding'] {
  return { type: 'zeebe:taskHeader', key }
}
