// Bytes to text by the name of a charset, as Java does it: a byte order mark stays in UTF-8, what cannot be read
// becomes U+FFFD. Pure.

/** @returns null when the charset is not known. */
export function decodeText(bytes: Uint8Array, charset: string): string | null {
  const name = charset.toLowerCase()
  // The web's labels for these three mean Windows-1252.
  if (['iso-8859-1', 'iso8859-1', 'latin1', 'l1'].includes(name)) return Buffer.from(bytes).toString('latin1')
  if (['us-ascii', 'ascii', 'ansi_x3.4-1968'].includes(name)) {
    return Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(/[^\0-\x7f]/g, '\ufffd')
  }
  // Java's UTF-16 goes by the byte order mark and drops it; without one it is big-endian.
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
