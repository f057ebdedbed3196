// Which calls are sent as streams. Pure.

/**
 * Models that answer for minutes: those that reason before they answer, and the largest (https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html,
 * column "streaming": all of them can).
 */
const SLOW =
  /anthropic\.claude-(3-)?opus|deepseek\.(r1|v3)|openai\.gpt-oss|nova-premier|moonshot\.kimi-k2-thinking|-thinking\b/

/** @param wanted - as the task or the lanes file has it; null: neither does. */
export function isStreamed(
  call: {
    readonly action: string
    readonly modelId: string
    readonly body: string | Uint8Array
  },
  wanted: boolean | null,
): call is typeof call & { readonly action: 'converse' | 'invokeModel' } {
  if (!(wanted ?? SLOW.test(call.modelId))) return false
  // Of InvokeModel only the Messages API can be folded; its requests are known by this member.
  if (call.action === 'invokeModel')
    return typeof call.body === 'string' && /"anthropic_version"\s*:/.test(call.body)
  return call.action === 'converse'
}
