import { expect, it } from 'vitest'
import { lacksModel } from '../../src/connector/absent-model.ts'

const validation = (message: string) => ({ name: 'ValidationException', status: 400, message })

it.each([
  validation('The provided model identifier is invalid.'),
  validation(
    'Invocation of model ID anthropic.claude-3-5-sonnet-20241022-v2:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.',
  ),
  validation("Invocation of model ID amazon.nova-pro-v1:0 with on-demand throughput isn't supported."),
  validation("The provided model doesn't support on-demand throughput."),
  validation('The model is not supported in this Region.'),
  validation('Provided ARN is invalid for the service region.'),
  validation(
    'Access to Anthropic models is not allowed from unsupported countries, regions, or territories.',
  ),
  validation('Operation not allowed'),
  {
    name: 'ResourceNotFoundException',
    status: 404,
    message: 'This model version has reached its end of life.',
  },
  { name: 'AccessDeniedException', status: 403, message: "You don't have access to the model." },
])('this error means that the account lacks the model in that region: %o', (failure) => {
  expect(lacksModel(failure)).toBe(true)
})

it.each([
  validation('Input is too long for requested model.'),
  validation('Malformed input request, please reformat your input and try again.'),
  validation('This model doesn’t support tool use.'),
  validation('The model returned the following errors: max_tokens: 9000 > 8192'),
  { name: 'ModelErrorException', status: 424, message: 'The model encountered an error.' },
  { name: 'Error', message: 'The provided model identifier is invalid.' },
])('this error is the request’s own fault, not a missing model: %o', (failure) => {
  expect(lacksModel(failure)).toBe(false)
})
