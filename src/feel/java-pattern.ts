// Translates Java's regular expressions to JavaScript's. What JavaScript lacks (possessive quantifiers, \G, sets of sets) is
// an invalid pattern. Pure.

const FLAGS: Readonly<Record<string, string>> = { s: 's', m: 'm', i: 'i' }
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\v\\f\\r',
}
const SETS: Readonly<Record<string, string>> = {
  h: ' \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000',
  s: ' \\t\\n\\v\\f\\r',
  v: '\\n\\v\\f\\r\\u0085\\u2028\\u2029',
}
const ALONE: Readonly<Record<string, string>> = {
  R: '(?:\\r\\n|[\\n-\\r\\u0085\\u2028\\u2029])',
  e: '\\x1b',
  a: '\\x07',
}

/**
 * The pattern as a global RegExp.
 * @param flags - those of FEEL: s, m, i and x count, others do not.
 * @returns null for an invalid pattern.
 */
export function javaPattern(pattern: string, flags: string): RegExp | null {
  const inline = /^\(\?([a-zA-Z]+)\)/.exec(pattern)
  const all = flags + (inline?.[1] ?? '')
  const given = Object.keys(FLAGS).filter((flag) => all.includes(flag))
  try {
    const body = inline === null ? pattern : pattern.slice(inline[0].length)
    return new RegExp(
      translated(body, { comments: all.includes('x'), lines: all.includes('m') }),
      `gu${given.join('')}`,
    )
  } catch {
    return null
  }
}

const TOKEN = /^(?:\\Q.*?(?:\\E|$)|\\[pP](?:\{\w+=?\w*\}|\w)|\\.|\{\d+(?:,\d*)?\}|\[\^?\]?|&&|.)/su

/** Anchors of the whole text in any mode; Java's `$` also matches before a final line break. */
function anchors(lines: boolean): Readonly<Record<string, string>> {
  const end = lines ? '(?-m:$)' : '$'
  const beforeEnd = `(?=(?:\\r\\n|[\\n\\r\\u0085\\u2028\\u2029])?${end})`
  return { '\\A': lines ? '(?-m:^)' : '^', '\\z': end, '\\Z': beforeEnd, ...(lines ? {} : { $: beforeEnd }) }
}

interface Mode {
  readonly comments: boolean
  readonly lines: boolean
}

function translated(pattern: string, { comments, lines }: Mode): string {
  let result = ''
  let inSet = false
  const anchor = anchors(lines)
  for (let rest = pattern; rest !== ''; ) {
    const [token = rest] = TOKEN.exec(rest) ?? []
    rest = rest.slice(token.length)
    if (comments && !inSet && /^[\s#]$/.test(token)) {
      if (token === '#') rest = rest.replace(/^[^\n]*/, '')
    } else if (!inSet && Object.hasOwn(anchor, token)) {
      result += anchor[token]
    } else if (/^\\./s.test(token)) {
      result += escaped(token, inSet)
    } else if (inSet) {
      result += inside(token)
      inSet = token !== ']'
    } else {
      result += outside(token)
      inSet = token.startsWith('[')
    }
  }
  return result
}

/** In Java `]` right after the start of a set is a literal. */
function outside(token: string): string {
  if (token.startsWith('[')) return token.replace(']', '\\]')
  return /^[/}\]]$/.test(token) ? `\\${token}` : token
}

function inside(token: string): string {
  if (token.startsWith('[') || token === '&&') throw new SyntaxError('sets of sets')
  return /^[(){}/|]$/.test(token) ? `\\${token}` : token
}

function escaped(token: string, inSet: boolean): string {
  if (token.startsWith('\\Q')) {
    return token
      .replace(/^\\Q/, '')
      .replace(/\\E$/, '')
      .replaceAll(/[\\^$.*+?()[\]{}|/-]/g, literal)
  }
  const name = token.charAt(1)
  if (name === 'p' || name === 'P') return property(token, inSet)
  const set = SETS[name.toLowerCase()]
  if (set !== undefined) {
    if (name === name.toLowerCase()) return inSet ? set : `[${set}]`
    return inSet ? token : `[^${set}]`
  }
  if (ALONE[name] !== undefined && !inSet) return ALONE[name]
  if (/[0-9a-zA-Z]/.test(name)) return token
  return literal(name)
}

/** A literal character. In unicode mode JavaScript only allows escapes of syntax characters. */
function literal(sign: string): string {
  if (/[\\^$.*+?()[\]{}|/]/.test(sign)) return `\\${sign}`
  return sign === '-' ? '\\x2d' : sign
}

function property(token: string, inSet: boolean): string {
  const negative = token.charAt(1) === 'P'
  const name = token.slice(2).replace(/^\{(?:Is|java)?(.+)\}$/, '$1')
  const posix = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined
  if (posix !== undefined) {
    if (inSet && negative) throw new SyntaxError('sets of sets')
    if (inSet) return posix
    return negative ? `[^${posix}]` : `[${posix}]`
  }
  const unicode = /^(?:L1|InBasicLatin)$/.test(name)
    ? 'ASCII'
    : /^(?:Latin|Greek|Cyrillic|Han)$/.test(name)
      ? `Script=${name}`
      : name
  return `\\${token.charAt(1)}{${unicode}}`
}

/** Applies a Java replacement (`$1`, `${name}`, `\$`) to the arguments that `String.replace` passes for a match. */
export function javaReplacement(replacement: string): (match: readonly unknown[]) => string {
  return (match) => {
    const last = match.at(-1)
    const names = typeof last === 'object' && last !== null ? (last as Record<string, unknown>) : {}
    const groups = match.slice(
      1,
      match.findIndex((part, index) => index > 0 && typeof part === 'number'),
    )
    return replacement.replaceAll(/\\(.?)|\$\{(\w+)\}|\$(\d+)|\$/gs, (_all, sign, name, digits) => {
      if (sign !== undefined) return sign === '' ? unknownGroup() : String(sign)
      if (name !== undefined) return Object.hasOwn(names, name) ? String(names[name] ?? '') : unknownGroup()
      return digits === undefined ? unknownGroup() : numbered(String(digits), match[0], groups)
    })
  }
}

/** The longest number that is a group's; Java reads `$12` as group 1 and "2" where there are fewer groups. */
function numbered(digits: string, whole: unknown, groups: readonly unknown[]): string {
  const all = [whole, ...groups]
  let taken = 1
  while (taken < digits.length && Number(digits.slice(0, taken + 1)) < all.length) taken += 1
  const index = Number(digits.slice(0, taken))
  if (index >= all.length) return unknownGroup()
  return String(all[index] ?? '') + digits.slice(taken)
}

function unknownGroup(): never {
  throw new RangeError('no such group')
}

/** Java's `split` with limit -1: an empty match at the start makes no part, and groups are not included. */
export function splitBy(text: string, pattern: RegExp): string[] {
  const partsOf: string[] = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length
    if (end === 0) continue
    partsOf.push(text.slice(from, match.index))
    from = end
  }
  return [...partsOf, text.slice(from)]
}
