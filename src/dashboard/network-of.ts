// The network by which wrong passwords are counted: whoever has one address of it usually has the others too. Pure.
import { isIP } from 'node:net'

const IPV6_GROUPS = 8
/** A /64, the usual assignment to one household or machine. */
const IPV6_KEPT = 4

/** `192.0.2.0/24`, `2001:db8:0:1::/64`, or the text itself if it is no address. */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (isIP(mapped ?? plain) === 4) return (mapped ?? plain).replace(/\.\d+$/, '.0/24')
  if (isIP(plain) !== 6) return address
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const before = groups(head)
  const left = tail === undefined ? 0 : IPV6_GROUPS - before.length - groups(tail).length
  const all = [...before, ...Array.from({ length: Math.max(0, left) }, () => '0'), ...groups(tail ?? '')]
  const kept = all.slice(0, IPV6_KEPT).map((group) => Number.parseInt(group, 16).toString(16))
  return `${kept.join(':')}::/64`
}
