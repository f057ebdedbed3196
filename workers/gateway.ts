// The settings for the connections to Camunda, in the terms of their clients.
import {
  type Authorization,
  type AuthorizationSettings,
  makeAuthorization,
} from '../src/camunda/authorization.ts'
import type { GatewayOptions } from '../src/camunda/gateway-client.ts'
import { makeRestClient, type RestClient } from '../src/camunda/rest-client.ts'
import type { TlsFiles } from '../src/camunda/tls-files.ts'
import type { Settings } from '../src/settings/settings.ts'

/** Connections to Camunda of one process, with one authorization, so that a token is fetched once for all of them. */
export interface CamundaAccess {
  readonly gateway: GatewayOptions
  /** Null if no address is set. */
  readonly rest: RestClient | null
  /** Call at the end of the process. Idempotent. */
  close(): Promise<void>
}

/** @throws Error when a certificate file cannot be read. */
export function camundaAccess({ zeebe }: Settings): CamundaAccess {
  const tls: TlsFiles = {
    rootCertificateFile: zeebe.tls.rootCertPath,
    certificateChainFile: zeebe.tls.certChainPath,
    privateKeyFile: zeebe.tls.privateKeyPath,
  }
  const authorization: Authorization = makeAuthorization(authorizationSettings(zeebe.auth), tls)
  const { restAddress: address } = zeebe
  const rest = address === undefined ? null : makeRestClient({ address, tls, authorization })
  return {
    gateway: { address: zeebe.grpcAddress, tls, authorization },
    rest,
    async close() {
      await rest?.close()
      await authorization.close()
    },
  }
}

/** The gateway alone, for a caller that ends with the process. */
export function gatewayOptions(settings: Settings): GatewayOptions {
  return camundaAccess(settings).gateway
}

function authorizationSettings(auth: Settings['zeebe']['auth']): AuthorizationSettings {
  const { strategy, username = '', password = '', token = '' } = auth
  switch (strategy) {
    case 'NONE':
      return { strategy }
    case 'BASIC':
      return { strategy, username, password }
    case 'BEARER':
      return { strategy, token }
    case 'OAUTH': {
      const { clientId = '', clientSecret = '', oauthUrl: url, audience, scope, resource } = auth
      const discoveryUrl = auth.discoveryUrl ?? describedAt(auth.issuerUrl)
      return { strategy, url, discoveryUrl, clientId, clientSecret, audience, scope, resource }
    }
  }
}

function describedAt(issuerUrl: string | undefined): string | undefined {
  return issuerUrl && `${issuerUrl.replace(/\/+$/, '')}/.well-known/openid-configuration`
}
