// The `authorization` header for calls to Camunda. OAuth is the SDK's own provider, loaded only when it is chosen;
// it must never write a token to a disk or a log.

/** Gives the value of the header, or null for none. Asked before each call: a token is fetched again when it is due. */
export type Authorization = () => Promise<string | null>

/** How this process proves to Camunda who it is. */
export type AuthorizationSettings =
  | { readonly strategy: 'NONE' }
  | { readonly strategy: 'BASIC'; readonly username: string; readonly password: string }
  | { readonly strategy: 'BEARER'; readonly token: string }
  | ({ readonly strategy: 'OAUTH' } & OAuthSettings)

/** The OAuth 2.0 client credentials grant. */
export interface OAuthSettings {
  /** The token endpoint. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** @default the SDK's, `zeebe.camunda.io` */
  readonly audience?: string | undefined
  readonly scope?: string | undefined
}

/** Makes the source of the header. It rejects when the token endpoint gives no token. */
export function makeAuthorization(settings: AuthorizationSettings): Authorization {
  switch (settings.strategy) {
    case 'NONE':
      return async () => null
    case 'BASIC': {
      const pair = Buffer.from(`${settings.username}:${settings.password}`).toString('base64')
      return async () => `Basic ${pair}`
    }
    case 'BEARER':
      return async () => `Bearer ${settings.token}`
    case 'OAUTH':
      return makeOAuth(settings)
  }
}

function makeOAuth(settings: OAuthSettings): Authorization {
  const loadProvider = async () => {
    const { OAuthProvider } = await import('@camunda8/sdk/dist/oauth/lib/OAuthProvider.js')
    return new OAuthProvider({
      config: {
        CAMUNDA_OAUTH_URL: settings.url,
        ZEEBE_CLIENT_ID: settings.clientId,
        ZEEBE_CLIENT_SECRET: settings.clientSecret,
        // On SaaS the disk cache also keeps a refused secret refused for ever.
        CAMUNDA_TOKEN_DISK_CACHE_DISABLE: true,
        CAMUNDA_SUPPORT_LOG_ENABLED: false,
        CAMUNDA_LOG_LEVEL: 'none',
        ...(settings.audience === undefined ? {} : { CAMUNDA_ZEEBE_OAUTH_AUDIENCE: settings.audience }),
        ...(settings.scope === undefined ? {} : { CAMUNDA_TOKEN_SCOPE: settings.scope }),
      },
    })
  }
  let provider: ReturnType<typeof loadProvider> | undefined
  return async () => {
    provider ??= loadProvider()
    const headers = await (await provider).getHeaders('ZEEBE')
    return headers.authorization ?? null
  }
}
