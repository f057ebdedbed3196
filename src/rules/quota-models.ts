// The models of AWS's quota names: what Service Quotas calls a model, and its id. Data only; a model that is not here is not
// guessed. Names as Service Quotas and the AWS General Reference write them, without a trailing V1, in lower case.
// Collected on 2026-11-26 from published copies of these pages; no AWS account was asked:
// https://docs.aws.amazon.com/general/latest/gr/bedrock.html#limits_bedrock (names) and
// https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html (ids).

/** Model id by name. */
export const QUOTA_MODELS: Readonly<Record<string, string>> = {
  'ai21 labs jamba 1.5 large': 'ai21.jamba-1-5-large-v1:0',
  'ai21 labs jamba 1.5 mini': 'ai21.jamba-1-5-mini-v1:0',
  'amazon nova lite': 'amazon.nova-lite-v1:0',
  'amazon nova micro': 'amazon.nova-micro-v1:0',
  'amazon nova premier': 'amazon.nova-premier-v1:0',
  'amazon nova pro': 'amazon.nova-pro-v1:0',
  'amazon nova 2 lite': 'amazon.nova-2-lite-v1:0',
  'amazon titan text embeddings': 'amazon.titan-embed-text-v1',
  'amazon titan text embeddings v2': 'amazon.titan-embed-text-v2:0',
  'amazon titan text express': 'amazon.titan-text-express-v1',
  'amazon titan text lite': 'amazon.titan-text-lite-v1',
  'amazon titan text premier': 'amazon.titan-text-premier-v1:0',
  'anthropic claude 3 haiku': 'anthropic.claude-3-haiku-20240307-v1:0',
  'anthropic claude 3 opus': 'anthropic.claude-3-opus-20240229-v1:0',
  'anthropic claude 3 sonnet': 'anthropic.claude-3-sonnet-20240229-v1:0',
  'anthropic claude 3.5 haiku': 'anthropic.claude-3-5-haiku-20241022-v1:0',
  'anthropic claude 3.5 sonnet': 'anthropic.claude-3-5-sonnet-20240620-v1:0',
  'anthropic claude 3.5 sonnet v2': 'anthropic.claude-3-5-sonnet-20241022-v2:0',
  'anthropic claude 3.7 sonnet': 'anthropic.claude-3-7-sonnet-20250219-v1:0',
  'anthropic claude haiku 4.5': 'anthropic.claude-haiku-4-5-20251001-v1:0',
  'anthropic claude opus 4': 'anthropic.claude-opus-4-20250514-v1:0',
  'anthropic claude opus 4.1': 'anthropic.claude-opus-4-1-20250805-v1:0',
  'anthropic claude opus 4.5': 'anthropic.claude-opus-4-5-20251101-v1:0',
  'anthropic claude opus 4.6': 'anthropic.claude-opus-4-6-v1',
  'anthropic claude sonnet 4': 'anthropic.claude-sonnet-4-20250514-v1:0',
  'anthropic claude sonnet 4.5': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  'anthropic claude sonnet 4.6': 'anthropic.claude-sonnet-4-6',
  'cohere command r': 'cohere.command-r-v1:0',
  'cohere command r plus': 'cohere.command-r-plus-v1:0',
  'cohere embed english': 'cohere.embed-english-v3',
  'cohere embed multilingual': 'cohere.embed-multilingual-v3',
  'cohere embed v4': 'cohere.embed-v4:0',
  'deepseek r1': 'deepseek.r1-v1:0',
  'meta llama 3 70b instruct': 'meta.llama3-70b-instruct-v1:0',
  'meta llama 3 8b instruct': 'meta.llama3-8b-instruct-v1:0',
  'meta llama 3.1 405b instruct': 'meta.llama3-1-405b-instruct-v1:0',
  'meta llama 3.1 70b instruct': 'meta.llama3-1-70b-instruct-v1:0',
  'meta llama 3.1 8b instruct': 'meta.llama3-1-8b-instruct-v1:0',
  'meta llama 3.2 11b instruct': 'meta.llama3-2-11b-instruct-v1:0',
  'meta llama 3.2 1b instruct': 'meta.llama3-2-1b-instruct-v1:0',
  'meta llama 3.2 3b instruct': 'meta.llama3-2-3b-instruct-v1:0',
  'meta llama 3.2 90b instruct': 'meta.llama3-2-90b-instruct-v1:0',
  'meta llama 3.3 70b instruct': 'meta.llama3-3-70b-instruct-v1:0',
  'meta llama 4 maverick': 'meta.llama4-maverick-17b-instruct-v1:0',
  'meta llama 4 scout': 'meta.llama4-scout-17b-instruct-v1:0',
  'mistral 7b instruct': 'mistral.mistral-7b-instruct-v0:2',
  'mistral ai mistral 7b instruct': 'mistral.mistral-7b-instruct-v0:2',
  'mistral ai mixtral 8x7bb instruct': 'mistral.mixtral-8x7b-instruct-v0:1',
  'mistral mixtral 8x7b instruct': 'mistral.mixtral-8x7b-instruct-v0:1',
  'mistral pixtral large 25.02': 'mistral.pixtral-large-2502-v1:0',
  'openai gpt oss 120b': 'openai.gpt-oss-120b-1:0',
  'openai gpt oss 20b': 'openai.gpt-oss-20b-1:0',
  'qwen3 235b a22b 2507': 'qwen.qwen3-235b-a22b-2507-v1:0',
  'qwen3 32b': 'qwen.qwen3-32b-v1:0',
  'qwen3 coder 30b a3b': 'qwen.qwen3-coder-30b-a3b-v1:0',
  'writer ai palmyra x4': 'writer.palmyra-x4-v1:0',
  'writer ai palmyra x5': 'writer.palmyra-x5-v1:0',
}

/**
 * Prefixes of the geographic inference profiles that a region may call, by the beginning of its name; the first that fits
 * counts. As https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html names them.
 */
export const GEOGRAPHIC_PROFILES: readonly (readonly [region: string, prefixes: readonly string[]])[] = [
  ['us-gov-', ['us-gov']],
  ['us-', ['us']],
  ['ca-', ['us', 'ca']],
  ['eu-', ['eu']],
  ['ap-northeast-1', ['apac', 'jp']],
  ['ap-northeast-3', ['apac', 'jp']],
  ['ap-southeast-2', ['apac', 'au']],
  ['ap-southeast-4', ['apac', 'au']],
  ['ap-', ['apac']],
]
