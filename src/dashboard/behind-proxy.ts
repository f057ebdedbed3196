// Whether a request came through a reverse proxy, by what such servers add to it. Pure.

/** Of nginx, Apache, Envoy, HAProxy, Traefik, Caddy, load balancers and content networks. */
const BY_PROXIES =
  /^(x-forwarded(-.+)?|x-original-(forwarded-for|host|uri|url)|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-.+|true-client-ip|cf-(connecting-ip|ray)|x-amzn-trace-id|x-arr-.+|x-azure-.+)$/i

/** @param httpVersion - 1.0 is what nginx speaks unless told otherwise, and no browser. */
export function cameByProxy(headers: Readonly<Record<string, unknown>>, httpVersion: string): boolean {
  return httpVersion === '1.0' || Object.keys(headers).some((name) => BY_PROXIES.test(name))
}
