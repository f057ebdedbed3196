// One Bedrock client per region and credential, over shared connections. The SDK's retries are off: every call costs quota, so Quarry
// counts each one itself.
import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime'
import { type Credential, credentialHash } from '../job/credential.ts'
import { keepLatest } from '../job/keep-latest.ts'
import { type AwsHttpOptions, makeAwsHttp } from './aws-http.ts'
import { makeCredentialChain } from './credential-chain.ts'

export interface BedrockClientOptions extends AwsHttpOptions {
  /** Overrides AWS's own endpoint for all regions (`AWS_ENDPOINT_URL_BEDROCK_RUNTIME`). */
  readonly endpoint?: string | undefined
}

export interface BedrockClients {
  /** @param endpoint - one that the diagram names, in place of the configured one or AWS's own. */
  get(region: string, credential: Credential, endpoint?: string): BedrockRuntimeClient
  close(): void
}

/** Clients kept; beyond that the least recently used is dropped. They hold no connections of their own. */
const MOST_CLIENTS = 500

export function makeBedrockClients(options: BedrockClientOptions): BedrockClients {
  const http = makeAwsHttp(options)
  const chain = makeCredentialChain(http)
  const clients = new Map<string, BedrockRuntimeClient>()
  const make = (
    region: string,
    credential: Credential,
    endpoint: string | undefined,
  ): BedrockRuntimeClient => {
    const config: BedrockRuntimeClientConfig = {
      region,
      maxAttempts: 1,
      requestHandler: http,
      ...(endpoint === undefined ? {} : { endpoint }),
    }
    if (credential.kind === 'chain') return new BedrockRuntimeClient({ ...config, credentials: chain })
    const { accessKey, secretKey } = credential
    return new BedrockRuntimeClient({
      ...config,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      // A bearer key in the environment must not take precedence over the keys that the diagram names.
      authSchemePreference: ['sigv4'],
    })
  }
  return {
    get(region, credential, endpoint = options.endpoint) {
      const id = credentialHash(credential, `${region} ${endpoint ?? ''}`)
      const client = clients.get(id) ?? make(region, credential, endpoint)
      keepLatest(clients, id, client, MOST_CLIENTS)
      return client
    },
    close() {
      clients.clear()
      http.close()
    },
  }
}
