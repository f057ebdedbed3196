// Derives unset settings from others: the authentication strategy, and the addresses of Camunda SaaS. Pure; never changes a
// setting that somebody set.
import type { SettingSource } from './setting-source.ts'

/** Values and their sources by setting name. Derived ones are added to both. */
interface DerivedInto {
  readonly raw: Map<string, unknown>
  readonly sources: Map<string, SettingSource>
}

/**
 * Derives as Camunda's own clients do.
 * Source: the modes of the Camunda Spring Boot starter (`saas` with a cluster id, with its addresses, token endpoint and
 * audience; `basic` and `oidc` by the credentials that are set) and the JavaScript SDK (OAuth by its credentials).
 */
export function deriveSettings(into: DerivedInto): void {
  if (isSaas(into)) deriveSaas(into)
  deriveStrategy(into)
  if (into.raw.get('zeebe.auth.strategy') === 'OAUTH') deriveAudience(into)
}

function isSaas({ raw }: DerivedInto): boolean {
  const mode = raw.get('zeebe.mode')
  if (mode === undefined) return raw.has('zeebe.cloud.clusterId')
  return /^(saas|cloud)$/i.test(String(mode))
}

function deriveSaas(into: DerivedInto): void {
  const { raw } = into
  const because = 'the cluster of Camunda SaaS'
  derive(into, 'zeebe.mode', 'saas', because)
  const { clusterId, region, domain, port } = {
    clusterId: raw.get('zeebe.cloud.clusterId'),
    region: raw.get('zeebe.cloud.region') ?? 'bru-2',
    domain: raw.get('zeebe.cloud.domain') ?? 'camunda.io',
    port: raw.get('zeebe.cloud.port') ?? '443',
  }
  // The schema reports a missing cluster id.
  if (clusterId === undefined) return
  derive(into, 'zeebe.grpcAddress', `grpcs://${clusterId}.${region}.zeebe.${domain}:${port}`, because)
  derive(into, 'zeebe.restAddress', `https://${region}.zeebe.${domain}:${port}/${clusterId}`, because)
  const elsewhere = ['zeebe.auth.issuerUrl', 'zeebe.auth.discoveryUrl'].some((name) => raw.has(name))
  if (!elsewhere) derive(into, 'zeebe.auth.oauthUrl', `https://login.cloud.${domain}/oauth/token`, because)
  derive(into, 'zeebe.auth.strategy', 'OAUTH', because)
}

function deriveStrategy(into: DerivedInto): void {
  const isSet = (name: string) => into.raw.has(`zeebe.auth.${name}`)
  const endpoint = ['oauthUrl', 'issuerUrl', 'discoveryUrl'].some(isSet)
  if (endpoint && isSet('clientId') && isSet('clientSecret')) {
    derive(into, 'zeebe.auth.strategy', 'OAUTH', 'OAuth address and client are set')
  } else if (isSet('username') && isSet('password')) {
    derive(into, 'zeebe.auth.strategy', 'BASIC', 'user name and password are set')
  }
}

function deriveAudience(into: DerivedInto): void {
  const url = URL.parse(String(into.raw.get('zeebe.auth.oauthUrl') ?? ''))
  const domain = /^login\.cloud\.(.+)$/.exec(url?.hostname ?? '')?.[1]
  if (domain === undefined) derive(into, 'zeebe.auth.audience', 'zeebe-api', 'the usual one for OAUTH')
  else derive(into, 'zeebe.auth.audience', `zeebe.${domain}`, 'the token endpoint of Camunda SaaS')
}

function derive({ raw, sources }: DerivedInto, name: string, value: string, because: string): void {
  if (raw.has(name)) return
  raw.set(name, value)
  sources.set(name, { kind: 'derived', because })
}
