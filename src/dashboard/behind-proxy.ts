// Detects requests that came through a reverse proxy, by the headers that proxies add. Pure.

/** Of nginx, Apache, Envoy, HAProxy, Traefik, Caddy, load balancers and content networks. */
const BY_PROXIES =
  /^(x-forwarded(-.+)?|x-original-(forwarded-for|host|uri|url)|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-.+|true-client-ip|cf-(connecting-ip|ray)|x-amzn-trace-id|x-arr-.+|x-azure-.+)$/i

/** @param httpVersion - nginx speaks 1.0 by default; no browser does. */
export function cameByProxy(headers: Readonly<Record<string, unknown>>, httpVersion: string): boolean {
  return httpVersion === '1.0' || Object.keys(headers).some((name) => BY_PROXIES.test(name))
}
