// Names on a terminal. A diagram may give a model any name, so a name may hold escape sequences; these are shown encoded, as
// in lane names.

/** Percent-encodes control, format and direction characters and line separators. Pure. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, encodeURIComponent)
}
