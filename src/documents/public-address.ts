// Documents may only be fetched from public addresses, so that a diagram cannot make a worker read what only its network may see. The
// address that is connected to is judged, never a name.
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Public by its range, but answered by the platform: Azure's WireServer. */
const PLATFORM = new Set(['168.63.129.16'])

/** Networks without IPv4 reach IPv4 addresses here: the last four bytes are the address that is connected to in the end. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/** Whether anyone on the internet could reach the address; false for a text that is no address. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const written = ipaddr.process(address)
  const isNat64 = written instanceof ipaddr.IPv6 && written.match(NAT64)
  const parsed = isNat64 ? ipaddr.fromByteArray(written.toByteArray().slice(12)) : written
  if (PLATFORM.has(parsed.toString())) return false
  // Every special use has a range of its own, also local NAT64 and other embeddings of IPv4 addresses.
  if (parsed.range() !== 'unicast') return false
  // Of IPv6, only 2000::/3 is allocated.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20
}

/** The address in a URL's host; null if the host is a name. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(bare) ? bare : null
}

/** Thrown, through `connect`, when a name has no public address. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'

  constructor(hostname: string) {
    super(`${hostname} has no public address`)
  }
}

/** A lookup for `connect` that only gives public addresses. */
export function publicLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const found = [addresses]
        .flat()
        .filter((found) => typeof found === 'object')
        .filter(({ address }) => isPublicAddress(address))
      const [first] = found
      if (first === undefined) return callback(new AddressRefused(hostname), '')
      if (options.all === true) return callback(null, found)
      callback(null, first.address, first.family)
    })
  }
}

/** Thrown when a name must resolve here before a proxy gets it, and does not. */
export class UnknownHere extends Error {
  override readonly name = 'UnknownHere'

  /** Whether the name does not exist, as far as is known here; otherwise the name server did not answer. */
  readonly isFinal: boolean

  constructor(hostname: string, isFinal: boolean) {
    super(`${hostname} cannot be looked up by this worker`)
    this.isFinal = isFinal
  }
}

/**
 * An address of a name that a proxy is to get; all its known addresses must be public.
 * @throws AddressRefused; UnknownHere; and the signal's reason
 */
export async function publicAddressOf(
  hostname: string,
  { lookup = systemLookup, signal }: { lookup?: LookupFunction | undefined; signal: AbortSignal },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly LookupAddress[]>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  lookup(hostname, { all: true }, (error, addresses) => {
    if (error !== null) return reject(new UnknownHere(hostname, NO_SUCH_NAME.includes(error.code ?? '')))
    resolve([addresses].flat().filter((one) => typeof one === 'object'))
  })
  const found = await promise.finally(() => signal.removeEventListener('abort', onAbort))
  const [first] = found
  if (first === undefined) throw new UnknownHere(hostname, true)
  if (!found.every(({ address }) => isPublicAddress(address))) throw new AddressRefused(hostname)
  return (found.find(({ family }) => family === 4) ?? first).address
}

const NO_SUCH_NAME = ['ENOTFOUND', 'ENODATA']
