// The errors Bedrock Runtime answers with: status, type and text. The AWS SDKs take the exception from the
// `x-amzn-ErrorType` header and the text from the body's `message`.

const ERRORS = {
  throttle: [429, 'ThrottlingException', 'Too many requests, please wait before trying again.'],
  throttletokens: [429, 'ThrottlingException', 'Too many tokens, please wait before trying again.'],
  throttleday: [429, 'ThrottlingException', 'Too many tokens per day, please wait before trying again.'],
  validation: [400, 'ValidationException', 'The provided model identifier is invalid.'],
  badrequest: [
    400,
    'ValidationException',
    'Malformed input request, please reformat your input and try again.',
  ],
  toolarge: [413, 'RequestEntityTooLargeException', 'The request body is larger than 32 MB.'],
  denied: [403, 'AccessDeniedException', "You don't have access to the model with the specified model ID."],
  notfound: [
    404,
    'ResourceNotFoundException',
    'Could not resolve the foundation model from the provided model identifier.',
  ],
  unavailable: [503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.'],
  internal: [
    500,
    'InternalServerException',
    'The system encountered an unexpected error during processing. Try your request again.',
  ],
  modelerror: [424, 'ModelErrorException', 'The model encountered an error.'],
  modeltimeout: [408, 'ModelTimeoutException', 'The model took too long.'],
  notready: [
    429,
    'ModelNotReadyException',
    'Model is not ready for inference. Wait and try your request again.',
  ],
  toolong: [400, 'ValidationException', 'Input is too long for requested model.'],
  legacy: [
    404,
    'ResourceNotFoundException',
    'Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days. Please upgrade to an active model on Amazon Bedrock',
  ],
  quota: [400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota for your account.'],
  badtoken: [403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'],
  expiredtoken: [403, 'ExpiredTokenException', 'The security token included in the request is expired'],
  missingtoken: [403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
  incompletesignature: [
    403,
    'IncompleteSignatureException',
    "Authorization header is not a complete Signature Version 4: it needs 'Credential' (key/date/region/service/aws4_request), 'SignedHeaders' and 'Signature', and the request an X-Amz-Date.",
  ],
  badsignature: [
    403,
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ],
  badservice: [
    403,
    'InvalidSignatureException',
    "Credential should be scoped to correct service: 'bedrock'.",
  ],
  expiredsignature: [
    403,
    'InvalidSignatureException',
    'Signature expired: the X-Amz-Date of the request is more than 5 minutes from the time of this host.',
  ],
  badkey: [403, 'AccessDeniedException', 'Authentication failed: Please make sure your API Key is valid.'],
  unknownoperation: [
    404,
    'UnknownOperationException',
    'No such operation of Bedrock Runtime: the stand-in serves POST /model/{modelId}/ invoke, converse, converse-stream, invoke-with-response-stream and count-tokens, /guardrail/{id}/version/{version}/apply and /guardrail-checks/invoke.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>

/** One of the errors the stand-in can answer with, by its short name. */
export type ErrorName = keyof typeof ERRORS

/** Whether the text is the short name of an error. */
export function isErrorName(text: string): text is ErrorName {
  return Object.hasOwn(ERRORS, text)
}

/** What an error may have besides its name. */
export interface ErrorDetails {
  retryAfterSeconds?: number | undefined
  /** In place of the usual text. */
  message?: string | undefined
}

/** The status, headers and body of an error, without the request id. */
export function errorAnswer(
  name: ErrorName,
  { retryAfterSeconds, message }: ErrorDetails = {},
): { status: number; headers: Record<string, string>; body: string } {
  const [status, type, text] = ERRORS[name]
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-amzn-ErrorType': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
  }
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
  return { status, headers, body: JSON.stringify({ message: message ?? text }) }
}

/** How the exception of an error is named as an event of a stream, and its text. */
export function exceptionOf(name: ErrorName): { type: string; message: string } {
  const [, type, message] = ERRORS[name]
  return { type: `${type.charAt(0).toLowerCase()}${type.slice(1)}`, message }
}
