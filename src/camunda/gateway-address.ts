// Reads the address of a Zeebe gateway in the forms that Camunda's own clients take. Pure.

/** Where a gateway listens. */
export interface GatewayAddress {
  /** `host:port`, as gRPC takes it. */
  readonly target: string
  /** Whether to speak TLS. */
  readonly secure: boolean
}

const ADDRESS = /^(?:(grpc|grpcs|http|https):\/\/)?(\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?\/?$/i
const PLAIN_PORT = 26500
const TLS_PORT = 443

/**
 * Reads `grpc://host:port`, `grpcs://…`, `http(s)://…` or `host:port`, the last without TLS. Without a port it is
 * Zeebe's 26500, with TLS 443 as Camunda's SaaS has it.
 * @throws TypeError when the text is none of these.
 */
export function readGatewayAddress(text: string): GatewayAddress {
  const [matched, scheme = 'grpc', host, port] = ADDRESS.exec(text.trim()) ?? []
  if (matched === undefined || host === undefined || Number(port ?? 1) > 65535) {
    const shown = text.includes('@') ? 'with a user or password in it' : JSON.stringify(text)
    throw new TypeError(
      `Not the address of a Zeebe gateway: ${shown}. Give grpc://host:port, or grpcs://host:port for TLS.`,
    )
  }
  const secure = /s$/i.test(scheme)
  return { target: `${host}:${port ?? (secure ? TLS_PORT : PLAIN_PORT)}`, secure }
}
