// One Bedrock client per region and credential, over shared connections. The SDK's retries are off: every call costs quota, so Quarry
// counts each one itself.
import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime'
import { type Credential, credentialHash, isApiKey } from '../job/credential.ts'
import { keepLatest } from '../job/keep-latest.ts'
import { type AwsHttpOptions, makeAwsHttp } from './aws-http.ts'
import {
  type CredentialSources,
  type CredentialSourcesOptions,
  makeCredentialSources,
} from './credential-sources.ts'

export interface BedrockClientOptions extends AwsHttpOptions {
  /** Overrides AWS's own endpoint for all regions (`AWS_ENDPOINT_URL_BEDROCK_RUNTIME`). */
  readonly endpoint?: string | undefined
  /** Endpoint of STS, in place of the region's own (`AWS_ENDPOINT_URL_STS`). */
  readonly stsEndpoint?: string | undefined
  /** Credentials of a task or a rule fail. Called once, until they are there again. */
  readonly onFailing?: CredentialSourcesOptions['onFailing']
}

export interface BedrockClients {
  /** @param endpoint - one that the diagram names, in place of the configured one or AWS's own. */
  get(region: string, credential: Credential, endpoint?: string): BedrockRuntimeClient
  readonly sources: CredentialSources
  close(): void
}

/** Clients kept; beyond that the least recently used is dropped. They hold no connections of their own. */
const MOST_CLIENTS = 500

export function makeBedrockClients(options: BedrockClientOptions): BedrockClients {
  const http = makeAwsHttp(options)
  const sources = makeCredentialSources(http, options)
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
    if (isApiKey(credential)) {
      const token = sources.token(credential)
      return new BedrockRuntimeClient({ ...config, token, authSchemePreference: ['httpBearerAuth'] })
    }
    const credentials = sources.identity(credential, region)
    if (credential.kind === 'chain') return new BedrockRuntimeClient({ ...config, credentials })
    // A bearer key in the environment must not take precedence over the credentials that a diagram or a rule names.
    return new BedrockRuntimeClient({ ...config, credentials, authSchemePreference: ['sigv4'] })
  }
  return {
    sources,
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
