// Which calls are sent as streams. Pure.

/**
 * Models that may answer for minutes: those that reason before they answer, and the largest of their families. AWS has no such list; this is
 * Quarry's choice among the models that can stream by https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html. A model that is
 * not here is called without a stream, unless the task or the lanes file wants one.
 */
const SLOW =
  /anthropic\.claude-(3-)?opus|deepseek\.(r1|v3)|openai\.gpt-oss|nova-premier|moonshot\.kimi-k2-thinking|-thinking\b/

/** How the events of a stream make up its answer. */
export type StreamForm = 'converse' | 'claude' | 'nova'

/**
 * @param wanted - as the task or the lanes file has it; null: neither does.
 * @returns null for a call that is not streamed.
 */
export function streamForm(
  call: {
    readonly action: string
    readonly modelId: string
    readonly body: string | Uint8Array
  },
  wanted: boolean | null,
): StreamForm | null {
  if (!(wanted ?? SLOW.test(call.modelId))) return null
  if (call.action === 'converse') return 'converse'
  if (call.action !== 'invokeModel' || typeof call.body !== 'string') return null
  // Claude's Messages API is known by this member, whatever names the model.
  if (/"anthropic_version"\s*:/.test(call.body)) return 'claude'
  // Nova's models for images and video have bodies without messages, and no streams.
  return /amazon\.nova-/.test(call.modelId) && /"messages"\s*:/.test(call.body) ? 'nova' : null
}
