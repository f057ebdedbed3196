// Where Redis is and how it is entered, whatever its form. Pure.
import { type HostPort, writeHostPort } from '../job/host-port.ts'

/** One server, the master that Sentinels watch, or a Cluster. */
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

/** What TLS connections are made with, in the terms of `node:tls`: texts in PEM. */
export interface RedisTls {
  readonly ca?: string[] | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly servername?: string | undefined
}

export interface RedisTarget {
  readonly place: RedisPlace
  /** ACL user and password of the servers; of a URL's own, the weaker. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Null for plain connections; a `rediss:` URL is TLS all the same. */
  readonly tls: RedisTls | null
}

/** One server, by its URL alone. */
export function redisAt(url: string): RedisTarget {
  return { place: { kind: 'standalone', url }, tls: null }
}

/** The place for messages: no user, no password. */
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
