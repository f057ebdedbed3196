// Address and credentials of a Redis in any form. Pure.
import { type HostPort, writeHostPort } from '../job/host-port.ts'

/** One server, a master watched by Sentinels, or a Cluster. */
export type RedisPlace =
  | { readonly kind: 'standalone'; readonly url: string }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly HostPort[]
      readonly master: string
      readonly username?: string | undefined
      readonly password?: string | undefined
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly HostPort[] }

/** TLS options in the terms of `node:tls`: PEM texts. */
export interface RedisTls {
  readonly ca?: string[] | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly servername?: string | undefined
}

export interface RedisTarget {
  readonly place: RedisPlace
  /** ACL user and password of the servers. Those in a URL take precedence. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Null for plain connections; a `rediss:` URL uses TLS anyway. */
  readonly tls: RedisTls | null
}

/** One server, by its URL. */
export function redisAt(url: string): RedisTarget {
  return { place: { kind: 'standalone', url }, tls: null }
}

/** The place for messages, without user and password. */
export function describePlace(place: RedisPlace): string {
  switch (place.kind) {
    case 'standalone':
      return new URL(place.url).host
    case 'sentinel':
      return `master ${place.master} of the Sentinels ${place.sentinels.map(writeHostPort).join(', ')}`
    case 'cluster':
      return `the Cluster of ${place.nodes.map(writeHostPort).join(', ')}`
  }
}
