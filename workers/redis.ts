// The settings for Redis, and what a process needs to know of it.
import { readTlsFiles } from '../src/camunda/tls-files.ts'
import { readHostPort } from '../src/job/host-port.ts'
import type { RedisPlace, RedisTarget } from '../src/redis/redis-target.ts'
import type { Settings } from '../src/settings/settings.ts'

/** @throws Error when a certificate file cannot be read. */
export function redisTarget({ redis }: Settings): RedisTarget {
  const place = redisPlace(redis)
  const { tls, username, password } = redis
  const isTls = place.kind === 'standalone' ? place.url.startsWith('rediss:') : tls.enabled
  const files = {
    rootCertificateFile: tls.caFile,
    certificateChainFile: tls.certFile,
    privateKeyFile: tls.keyFile,
  }
  const settings = {
    root: 'QUARRY_REDIS_CA_FILE',
    chain: 'QUARRY_REDIS_CERT_FILE',
    key: 'QUARRY_REDIS_KEY_FILE',
  }
  const servername = tls.serverName === undefined ? {} : { servername: tls.serverName }
  return {
    place,
    username,
    password,
    tls: isTls ? { ...readTlsFiles(files, settings), ...servername } : null,
  }
}

function redisPlace(redis: Settings['redis']): RedisPlace {
  const { url, clusterNodes, sentinels, sentinelMaster = '' } = redis
  const hosts = (texts: readonly string[], port: number) =>
    texts.flatMap((text) => readHostPort(text, port) ?? [])
  if (clusterNodes !== undefined) return { kind: 'cluster', nodes: hosts(clusterNodes, 6379) }
  if (sentinels === undefined) return { kind: 'standalone', url }
  return {
    kind: 'sentinel',
    sentinels: hosts(sentinels, 26_379),
    master: sentinelMaster,
    username: redis.sentinelUsername,
    password: redis.sentinelPassword,
  }
}
