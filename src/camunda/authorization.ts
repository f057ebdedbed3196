// The `authorization` header for calls to Camunda, the same for gRPC and REST. Must never write a token to a disk or a log.
import { makeTokenFetcher, type OAuthSettings } from './oauth-token.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'
import { makeTokenSource } from './token-source.ts'

/** Proves to Camunda who this process is, call by call. */
export interface Authorization {
  /** The value of the header, null for none. Called before each call, since a token may have to be renewed. */
  header(): Promise<string | null>
  /**
   * Reports that Camunda refused a header.
   * @returns whether the next header is another one, so that the call may be sent once more.
   */
  refused(header: string): boolean
  /** Ends a fetch under way. Idempotent. */
  close(): Promise<void>
}

/** How this process proves to Camunda who it is. */
export type AuthorizationSettings =
  | { readonly strategy: 'NONE' }
  | { readonly strategy: 'BASIC'; readonly username: string; readonly password: string }
  | { readonly strategy: 'BEARER'; readonly token: string }
  | ({ readonly strategy: 'OAUTH' } & OAuthSettings)

/**
 * Makes the source of the header. It rejects with TokenError when there is no token.
 * @param tls - trusted, and shown, at the token endpoint too
 * @throws Error when a certificate file cannot be read
 */
export function makeAuthorization(settings: AuthorizationSettings, tls?: TlsFiles): Authorization {
  switch (settings.strategy) {
    case 'NONE':
      return fixed(null)
    case 'BASIC':
      return fixed(`Basic ${Buffer.from(`${settings.username}:${settings.password}`).toString('base64')}`)
    case 'BEARER':
      return fixed(`Bearer ${settings.token}`)
    case 'OAUTH':
      return makeOAuth(settings, tls)
  }
}

function fixed(value: string | null): Authorization {
  return { header: async () => value, refused: () => false, close: async () => undefined }
}

const SCHEME = 'Bearer '

function makeOAuth(settings: OAuthSettings, tls: TlsFiles | undefined): Authorization {
  const fetcher = makeTokenFetcher(settings, readTlsFiles(tls))
  const source = makeTokenSource({
    fetchToken: fetcher.fetchToken,
    now: () => performance.now(),
    random: Math.random,
  })
  return {
    header: async () => `${SCHEME}${await source.token()}`,
    refused: (header) => source.refused(header.slice(SCHEME.length)),
    async close() {
      source.close()
      await fetcher.close()
    },
  }
}
