// How settings name a Zeebe gateway, in the terms of the gRPC client.
import { type AuthorizationSettings, makeAuthorization } from '../src/camunda/authorization.ts'
import type { GatewayOptions } from '../src/camunda/gateway-client.ts'
import type { Settings } from '../src/settings/settings.ts'

export function gatewayOptions({ zeebe }: Settings): GatewayOptions {
  const { rootCertPath, certChainPath, privateKeyPath } = zeebe.tls
  return {
    address: zeebe.grpcAddress,
    tls: {
      rootCertificateFile: rootCertPath,
      certificateChainFile: certChainPath,
      privateKeyFile: privateKeyPath,
    },
    authorization: makeAuthorization(authorization(zeebe.auth)),
  }
}

function authorization(auth: Settings['zeebe']['auth']): AuthorizationSettings {
  const { strategy, username = '', password = '', token = '' } = auth
  switch (strategy) {
    case 'NONE':
      return { strategy }
    case 'BASIC':
      return { strategy, username, password }
    case 'BEARER':
      return { strategy, token }
    case 'OAUTH':
      return {
        strategy,
        url: auth.oauthUrl ?? '',
        clientId: auth.clientId ?? '',
        clientSecret: auth.clientSecret ?? '',
        audience: auth.audience,
        scope: auth.scope,
      }
  }
}
