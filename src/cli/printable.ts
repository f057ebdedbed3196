// Names on a terminal. A diagram may name a model by any text, from a variable too: what a terminal would obey, or show
// elsewhere than it stands, is shown as it is encoded in names of lanes.

/** Control characters, those of format and direction, and separators of lines, percent-encoded. Pure. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, encodeURIComponent)
}
