// The settings of the connection to Redis: one server, one master that Sentinels watch, or a Cluster.
// A part of the schema in settings.ts; reads nothing.
import { z } from 'zod'
import { readHostPort } from '../job/host-port.ts'
import { optionalSetting, setting } from './setting.ts'
import { list, text, textLike, url, yesOrNo } from './setting-types.ts'

const HOST_PORT = 'a host and a port such as redis-0.example.com:6379 or [fd00::1]:6379'

const hostPort = () =>
  text().refine((value) => readHostPort(value, 1) !== null, { error: HOST_PORT, abort: true })

const tls = z.strictObject({
  enabled: setting(yesOrNo(), {
    environment: ['QUARRY_REDIS_TLS'],
    doc: 'Whether connections to a Cluster, or to Sentinels and the master they watch, use TLS. For one server write rediss:// in the URL.',
    example: 'true',
    default: 'false',
  }),
  caFile: optionalSetting(text(), {
    environment: ['QUARRY_REDIS_CA_FILE'],
    doc: 'PEM file of certificate authorities to trust for Redis, besides the public ones.',
    example: '/etc/quarry/redis-ca.pem',
  }),
  certFile: optionalSetting(text(), {
    environment: ['QUARRY_REDIS_CERT_FILE'],
    doc: 'PEM file of the client certificate, where Redis requires one.',
    example: '/etc/quarry/redis-client.pem',
  }),
  keyFile: optionalSetting(text(), {
    environment: ['QUARRY_REDIS_KEY_FILE'],
    doc: 'PEM file of its private key.',
    example: '/etc/quarry/redis-client.key',
  }),
  serverName: optionalSetting(text(), {
    environment: ['QUARRY_REDIS_TLS_SERVER_NAME'],
    doc: "Name in Redis's certificate, where it differs from the host: nodes of a Cluster are often known by addresses.",
    example: 'redis.example.com',
  }),
})

/** How Quarry reaches Redis. */
export const redisSettings = z
  .strictObject({
    url: setting(url('redis', 'rediss'), {
      environment: ['REDIS_URL'],
      doc: 'URL of Redis; rediss:// is TLS. Not read when nodes of a Cluster or Sentinels are set. Shown without user name and password.',
      example: 'rediss://user:password@redis.example.com:6379/0',
      secret: 'credentials',
      default: 'redis://localhost:6379',
    }),
    clusterNodes: optionalSetting(list(hostPort(), { minimum: 1 }), {
      environment: ['QUARRY_REDIS_CLUSTER_NODES'],
      doc: 'Some nodes of a Redis Cluster; Quarry learns the others from them. One address is enough, such as that of a managed service.',
      example: 'redis-0.example.com:6379,redis-1.example.com:6379',
    }),
    sentinels: optionalSetting(list(hostPort(), { minimum: 1 }), {
      environment: ['QUARRY_REDIS_SENTINELS'],
      doc: 'Sentinels that watch the master.',
      example: 'sentinel-0.example.com:26379,sentinel-1.example.com:26379',
    }),
    sentinelMaster: optionalSetting(text(), {
      environment: ['QUARRY_REDIS_SENTINEL_MASTER'],
      doc: "The Sentinels' name for that master.",
      example: 'mymaster',
    }),
    username: optionalSetting(text(), {
      environment: ['QUARRY_REDIS_USERNAME'],
      doc: 'ACL user; wins over one in the URL.',
      example: 'quarry',
    }),
    password: optionalSetting(text(), {
      environment: ['QUARRY_REDIS_PASSWORD'],
      doc: 'Its password, or that of the default user; wins over one in the URL.',
      example: '8Qf…',
      secret: 'whole',
    }),
    sentinelUsername: optionalSetting(text(), {
      environment: ['QUARRY_REDIS_SENTINEL_USERNAME'],
      doc: 'ACL user of the Sentinels, where they require one.',
      example: 'quarry',
    }),
    sentinelPassword: optionalSetting(text(), {
      environment: ['QUARRY_REDIS_SENTINEL_PASSWORD'],
      doc: 'Password of the Sentinels, where they require one.',
      example: '8Qf…',
      secret: 'whole',
    }),
    tls,
    prefix: setting(
      textLike(/^[A-Za-z0-9._-]{1,64}$/, 'at most 64 letters, digits, dots, dashes or underscores'),
      {
        environment: ['QUARRY_REDIS_PREFIX'],
        doc: 'First part of every key in Redis; installations that share a Redis need different ones.',
        example: 'quarry-staging',
        default: 'quarry',
      },
    ),
  })
  .superRefine((value, context) => {
    const refuse = (path: string[], message: string, input?: unknown) =>
      context.addIssue({ code: 'custom', path, message, input })
    const { clusterNodes, sentinels, sentinelMaster, tls: files } = value
    if (clusterNodes !== undefined && sentinels !== undefined) {
      refuse(
        ['sentinels'],
        'possible together with QUARRY_REDIS_CLUSTER_NODES: set one of the two',
        sentinels,
      )
    }
    if (sentinels !== undefined && sentinelMaster === undefined) {
      refuse(['sentinelMaster'], 'needed, as Sentinels are set')
    }
    if (sentinels === undefined && sentinelMaster !== undefined) {
      refuse(['sentinels'], 'needed, as the name of their master is set')
    }
    if ((files.certFile === undefined) !== (files.keyFile === undefined)) {
      const missing = files.certFile === undefined ? 'certFile' : 'keyFile'
      refuse(['tls', missing], 'needed, as the other half of the client certificate is set')
    }
    const isOne = clusterNodes === undefined && sentinels === undefined
    const isTls = isOne ? value.url.startsWith('rediss:') : files.enabled
    if (isOne && files.enabled && !isTls) {
      refuse(['tls', 'enabled'], 'possible with a REDIS_URL of redis://: write rediss:// there', 'true')
    }
    for (const name of ['caFile', 'certFile', 'serverName'] as const) {
      if (isTls || files[name] === undefined) continue
      const how = isOne ? 'REDIS_URL with rediss://' : 'QUARRY_REDIS_TLS=true'
      refuse(['tls', name], `of any use without TLS: set ${how}`, files[name])
    }
  })
