// Java's two notions of blank, which differ beyond ASCII; each rule of the contract names the one it means.

const SEPARATOR = /[\p{Zs}\p{Zl}\p{Zp}]/u
const NON_BREAKING = '\u00a0\u2007\u202f'

/** `String.isBlank` and `StringUtils.isBlank`: only characters of `Character.isWhitespace`. */
export function isBlank(text: string): boolean {
  return [...text].every(isWhitespace)
}

function isWhitespace(char: string): boolean {
  const code = char.codePointAt(0) ?? 0
  // Tab to carriage return, and the four ASCII separators.
  if (code < 0x20) return (code >= 0x09 && code <= 0x0d) || code >= 0x1c
  return SEPARATOR.test(char) && !NON_BREAKING.includes(char)
}

/** `String.trim`: cuts every character up to U+0020 from both ends. Bean validation's `@NotBlank` uses it. */
export function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1
  return text.slice(start, end)
}
