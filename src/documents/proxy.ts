// Connections to the proxies for documents: one pool per proxy, opened when needed. proxy-for.ts decides which proxy is used. Never shows a
// proxy's password.
import { type Dispatcher, ProxyAgent } from 'undici'
import { type DocumentProxies, proxyFor } from './proxy-for.ts'

export interface ProxyDispatchers {
  /** Dispatcher for a request to the URL; null if no proxy is used. */
  dispatcherFor(url: URL): Dispatcher | null
  /** Ends all connections and the requests on them. Idempotent. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Makes the dispatchers. For `https:` documents the proxy opens a tunnel (CONNECT) and only sees the host; `http:` documents are
 * requested from the proxy.
 */
export function makeProxyDispatchers(proxies: DocumentProxies): ProxyDispatchers {
  const agents = new Map<string, ProxyAgent>()
  return {
    dispatcherFor(url) {
      const proxy = proxyFor(url, proxies)
      if (proxy === null) return null
      // The same proxy may have a pool for each scheme.
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
