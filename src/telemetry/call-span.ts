// The span of a Bedrock call, by OpenTelemetry's conventions for generative AI
// (https://opentelemetry.io/docs/specs/semconv/gen-ai/aws-bedrock/). Pure. Contains neither prompt nor answer.
import { COUNT_TOKENS, isModelFree, parseLaneName } from '../job/lane.ts'
import type { QuarryEvents } from './events.ts'
import type { NewSpan } from './tracing.ts'

export type Called = QuarryEvents['called'][0]

/**
 * The name of the operation. InvokeModel serves all kinds of models and its body is not looked at, so the model's name decides.
 */
export function operationOf(action: Called['action'], model: string): string {
  switch (action) {
    case 'converse':
      return 'chat'
    case 'invokeModel':
      return /\bembed/.test(model) ? 'embeddings' : 'text_completion'
    default:
      return action
  }
}

/** @param endpoint - host and port of calls, if not AWS's own for the region. */
export function callSpan(call: Called, endpoint?: string): Omit<NewSpan, 'parent' | 'beganAt'> {
  const { region, model: ofLane } = parseLaneName(call.lane)
  const model = calledModel(ofLane)
  const operation = operationOf(call.action, ofLane)
  const cached = { read: call.cacheReadTokens ?? 0, written: call.cacheWriteTokens ?? 0 }
  // The convention counts cached tokens as input; Bedrock counts them separately.
  const input = call.inputTokens + cached.read + cached.written
  return {
    name: model === undefined ? operation : `${operation} ${model}`,
    kind: 'client',
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': input || undefined,
      'gen_ai.usage.output_tokens': call.outputTokens || undefined,
      'gen_ai.usage.cache_read.input_tokens': cached.read || undefined,
      'gen_ai.usage.cache_creation.input_tokens': cached.written || undefined,
      'gen_ai.response.time_to_first_chunk':
        call.stream === undefined ? undefined : call.stream.firstMs / 1_000,
      ...serverOf(call.server ?? endpoint ?? `bedrock-runtime.${region}.${domainOf(region)}`),
      'cloud.provider': 'aws',
      'cloud.region': region,
      'camunda.job.key': call.jobKey,
      'camunda.process.id': call.processId,
      'quarry.lane': call.lane,
      'quarry.action': call.action,
    },
  }
}

/** The model of a lane's calls; undefined for guardrails, which have none. */
function calledModel(model: string): string | undefined {
  if (model.startsWith(COUNT_TOKENS)) return model.slice(COUNT_TOKENS.length)
  return isModelFree({ model }) ? undefined : model
}

function serverOf(host: string): NewSpan['attributes'] {
  const [, address = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  return { 'server.address': address, 'server.port': port === undefined ? 443 : Number(port) }
}

function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}
