// A host with a port, as people write it: `redis-0:6379`, `[fd00::1]:6379`. Pure.

export interface HostPort {
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
}

/** @returns null when the text is not one. Without a port, `defaultPort` is taken. */
export function readHostPort(text: string, defaultPort: number): HostPort | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?))(?::([1-9]\d{0,4}))?$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[4] ?? defaultPort)
  return host === undefined || port > 65_535 ? null : { host, port }
}

/** As {@link readHostPort} reads it. */
export function writeHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Whether a host is this machine. @param host - without a port; an IPv6 address with or without its brackets. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}
