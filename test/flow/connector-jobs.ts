// Jobs of the connector as a fake gateway is given them, without a diagram.
import type { FakeJobSpec } from '../camunda/fake-jobs.ts'

/** A Converse job with the worker's own credentials. */
export function converseJob(type: string, model: string): FakeJobSpec {
  return {
    type,
    variables: {
      authentication: '{"type":"defaultCredentialsChain"}',
      configuration: '{"region":"eu-west-1"}',
      action: '"converse"',
      data: JSON.stringify({ modelId: model, newMessage: 'Hello there' }),
    },
    customHeaders: { resultVariable: 'answer' },
  }
}
