// Inputs that choose the credentials and the endpoint of a call.
import { type Input, OBJECT, TEXT } from '../input.ts'

const OWN_KEYS = { name: 'authentication.type', values: ['credentials'] }
const BY_KEY = { name: 'authentication.type', values: ['apiKey'] }
const SIGNED = { name: 'authentication.type', values: ['defaultCredentialsChain', 'credentials'] }

export const CREDENTIAL_INPUTS: readonly Input[] = [
  {
    name: 'authentication.type',
    kinds: [{ kind: 'choice', values: ['defaultCredentialsChain', 'credentials', 'apiKey'] }],
    stock: true,
    field: {
      group: 'credentials',
      label: 'Credentials',
      value: 'defaultCredentialsChain',
      choices: {
        defaultCredentialsChain: "The worker's own",
        credentials: 'Access keys',
        apiKey: 'Bedrock API key',
      },
    },
  },
  {
    name: 'authentication.accessKey',
    kinds: [TEXT],
    stock: true,
    field: {
      group: 'credentials',
      label: 'Access key',
      placeholder: '{{secrets.AWS_ACCESS_KEY}}',
      required: true,
      shownFor: OWN_KEYS,
    },
  },
  {
    name: 'authentication.secretKey',
    kinds: [TEXT],
    stock: true,
    field: {
      group: 'credentials',
      label: 'Secret key',
      placeholder: '{{secrets.AWS_SECRET_KEY}}',
      required: true,
      shownFor: OWN_KEYS,
    },
  },
  {
    name: 'authentication.sessionToken',
    kinds: [TEXT],
    field: {
      group: 'credentials',
      label: 'Session token',
      description: 'For temporary keys.',
      placeholder: '{{secrets.AWS_SESSION_TOKEN}}',
      shownFor: OWN_KEYS,
    },
  },
  {
    name: 'authentication.apiKey',
    kinds: [TEXT],
    field: {
      group: 'credentials',
      label: 'API key',
      placeholder: '{{secrets.BEDROCK_API_KEY}}',
      required: true,
      shownFor: BY_KEY,
    },
  },
  {
    name: 'authentication.roleArn',
    kinds: [TEXT],
    field: {
      group: 'credentials',
      label: 'Role to assume',
      description:
        'ARN of an IAM role. The call is made, and paid for, in its account. Without access keys, the operator must allow the role (taskRoles in the lanes file).',
      placeholder: 'arn:aws:iam::123456789012:role/bedrock',
      shownFor: SIGNED,
    },
  },
  {
    name: 'authentication.externalId',
    kinds: [TEXT],
    field: {
      group: 'credentials',
      label: 'External id of the role',
      shownFor: SIGNED,
    },
  },
  {
    name: 'authentication.sessionTags',
    kinds: [OBJECT],
    field: {
      group: 'credentials',
      label: 'Session tags of the role',
      description: 'Texts by name.',
      placeholder: '{team: "claims"}',
      shownFor: SIGNED,
    },
  },
  {
    name: 'configuration.endpoint',
    kinds: [TEXT],
    stock: true,
    field: {
      group: 'credentials',
      label: 'Endpoint',
      description: 'Another address than AWS’s own. Quarry must be set up to allow it.',
    },
  },
]
