// The process of the benchmarks: one connector task with all its inputs from variables of the instance.
import { bedrockProcess } from '../../test/flow/bedrock-process.ts'

/** Variables of an instance. */
export interface Question {
  readonly region: string
  readonly model: string
  readonly prompt: string
  readonly maxTokens: number
}

const INPUTS = {
  'authentication.type': 'defaultCredentialsChain',
  'configuration.region': '=region',
  action: 'converse',
  'data.modelId': '=model',
  'data.newMessage': '=prompt',
  'data.maxTokens': '=maxTokens',
}

export interface DiagramOptions {
  /** FEEL behind `=`. @default none */
  readonly resultExpression?: string | undefined
  /** Tasks of one instance, all at once. @default 1 */
  readonly times?: number
}

/** BPMN XML of a process whose only task is the connector's, with three retries, as the element template sets. */
export function diagram(
  id: string,
  jobType: string,
  { resultExpression, times }: DiagramOptions = {},
): Buffer {
  return bedrockProcess({
    id,
    jobType,
    inputs: INPUTS,
    headers: { resultVariable: 'answer', ...(resultExpression !== undefined && { resultExpression }) },
    ...(times !== undefined && { times }),
  })
}
