// The connections to the proxies that documents are fetched through: one pool for each proxy, opened when needed. It
// decides nothing (proxy-for.ts does), and never shows a proxy's password.
import { type Dispatcher, ProxyAgent } from 'undici'
import { type DocumentProxies, proxyFor } from './proxy-for.ts'

export interface ProxyDispatchers {
  /** What to send a request for the URL with; null where no proxy is to be used. */
  dispatcherFor(url: URL): Dispatcher | null
  /** Ends all connections, and what goes over them. Idempotent. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Makes the dispatchers. `https:` documents go through a tunnel (CONNECT), so that the proxy sees no more than the host;
 * `http:` ones are asked of the proxy.
 */
export function makeProxyDispatchers(proxies: DocumentProxies): ProxyDispatchers {
  const agents = new Map<string, ProxyAgent>()
  return {
    dispatcherFor(url) {
      const proxy = proxyFor(url, proxies)
      if (proxy === null) return null
      // The two schemes may share a proxy under different names.
      const key = `${url.protocol}${proxy.address}`
      const agent =
        agents.get(key) ??
        new ProxyAgent({
          uri: proxy.address,
          connectTimeout: CONNECT_TIMEOUT_MS,
          ...(proxy.authorization === null ? {} : { token: proxy.authorization }),
        })
      agents.set(key, agent)
      return agent
    },
    async close() {
      const open = [...agents.values()]
      agents.clear()
      await Promise.all(open.map((agent) => agent.destroy()))
    },
  }
}
