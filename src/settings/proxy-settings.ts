// Settings of the proxies for documents, under the names of the connector runtime. A part of the schema in settings.ts;
// reads nothing.
import { z } from 'zod'
import { optionalSetting, setting } from './setting.ts'
import { choice, text, textLike, wholeNumber } from './setting-types.ts'

function proxy(protocol: 'http' | 'https') {
  const name = `CONNECTOR_${protocol.toUpperCase()}_PROXY`
  return z.strictObject({
    scheme: setting(choice(['http', 'https']), {
      environment: [`${name}_SCHEME`],
      doc: `Protocol of the proxy for documents from ${protocol}: URLs.`,
      example: 'http',
      default: 'http',
    }),
    host: optionalSetting(textLike(/^[A-Za-z0-9.:_[\]-]+$/, 'a host name or an IP address'), {
      environment: [`${name}_HOST`],
      doc: `Proxy for documents from ${protocol}: URLs; used when its port is set too.`,
      example: 'proxy.example.com',
    }),
    port: optionalSetting(wholeNumber({ minimum: 1, maximum: 65_535 }), {
      environment: [`${name}_PORT`],
      doc: 'Port of that proxy.',
      example: '3128',
    }),
    user: optionalSetting(text(), {
      environment: [`${name}_USER`],
      doc: 'User name for that proxy.',
      example: 'quarry',
    }),
    password: optionalSetting(text(), {
      environment: [`${name}_PASSWORD`],
      doc: 'Password for that proxy.',
      example: 'h4rd-t0-guess',
      secret: 'whole',
    }),
  })
}

/** The proxies for documents. Neither Bedrock nor Camunda is called through them. */
export const proxySettings = z.strictObject({
  http: proxy('http'),
  https: proxy('https'),
  nonProxyHosts: optionalSetting(text(), {
    environment: ['CONNECTOR_HTTP_NON_PROXY_HOSTS'],
    doc: 'Hosts whose documents are fetched without a proxy: patterns with a bar between them, `*` for any characters.',
    example: 'localhost|*.internal.example.com',
  }),
})
