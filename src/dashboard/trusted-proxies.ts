// The proxies whose headers are trusted, and who is behind them.
import { BlockList, isIP } from 'node:net'

export interface TrustedProxies {
  has(address: string): boolean
  /**
   * The sender of a request: its peer, or, if that is a trusted proxy, the last address of X-Forwarded-For that is no trusted
   * proxy.
   */
  sender(peer: string, forwardedFor: string | undefined): string
}

/** @param networks - addresses and CIDR networks, already checked by the settings. */
export function makeTrustedProxies(networks: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  const has = (address: string): boolean => {
    const version = isIP(address)
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
  return {
    has,
    sender(peer, forwardedFor = '') {
      if (!has(peer)) return peer
      const hops = forwardedFor.split(',').map((hop) => hop.trim())
      return hops.findLast((hop) => isIP(hop) !== 0 && !has(hop)) ?? peer
    },
  }
}
