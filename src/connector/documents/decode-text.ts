// Decodes bytes by the name of a charset, as Java does: UTF-8 keeps a byte order mark, invalid bytes become U+FFFD. Pure.

/** @returns null for an unknown charset. */
export function decodeText(bytes: Uint8Array, charset: string): string | null {
  const name = charset.toLowerCase()
  // The web's labels for these three mean Windows-1252.
  if (['iso-8859-1', 'iso8859-1', 'latin1', 'l1'].includes(name)) return Buffer.from(bytes).toString('latin1')
  if (['us-ascii', 'ascii', 'ansi_x3.4-1968'].includes(name)) {
    return Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(/[^\0-\x7f]/g, '\ufffd')
  }
  // Java's UTF-16 follows and drops the byte order mark; without one it is big-endian.
  if (name === 'utf-16') {
    const little = bytes[0] === 0xff && bytes[1] === 0xfe
    return new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes)
  }
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
