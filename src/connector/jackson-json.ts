// Jackson's errors for invalid JSON: diagrams and people see its messages, so they are reproduced. Also finds the end of a first value where
// Jackson ignores the rest. Pure; finds faults, and builds no values.
import { JACKSON_TOO_DEEP, MAX_DEPTH } from './java-number.ts'

/** Jackson's error for a text. */
interface JsonFault {
  /** Jackson's `getOriginalMessage()`. */
  readonly message: string
  /** Where Jackson stopped, from 1. */
  readonly line: number
  readonly column: number
  /** Whether the text ended too early. */
  readonly endOfInput: boolean
}

/** How Jackson by default prints the source in a message with a location. */
const REDACTED_SOURCE = 'REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)'

/** The source when the AWS SDK for Java reads an answer as a stream. */
export const STREAM = '(software.amazon.awssdk.http.AbortableInputStream)'

const VALID_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
const LONGEST_TOKEN = 256
const IDENTIFIER_START = /[\p{L}\p{Nl}\p{Sc}\p{Pc}]/u
const IDENTIFIER = /[\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}\p{Cf}[\p{Cc}--\s]]*/vy
const WHITESPACE = ' \t\n\r'

/**
 * Scans the first value of a text.
 * @param source - how messages with a location print the source.
 * @returns where that value ends, or Jackson's error.
 */
export function scanJson(
  text: string,
  source: string = REDACTED_SOURCE,
): { readonly ok: true; readonly end: number } | { readonly ok: false; readonly fault: JsonFault } {
  try {
    return { ok: true, end: new Scanner(text, source).root() }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error.fault }
    throw error
  }
}

class Fault extends Error {
  readonly fault: JsonFault

  constructor(fault: JsonFault) {
    super(fault.message)
    this.fault = fault
  }
}

interface Scope {
  readonly kind: 'Array' | 'Object'
  readonly start: number
}

class Scanner {
  readonly #text: string
  readonly #source: string
  readonly #scopes: Scope[] = []
  #at = 0

  constructor(text: string, source: string) {
    this.#text = text
    this.#source = source
  }

  root(): number {
    this.#skipWhitespace()
    if (this.#ended()) throw this.#fault('No content to map due to end-of-input', { endOfInput: true })
    this.#value()
    while (this.#scopes.length > 0) this.#entry()
    return this.#at
  }

  /** One entry of the innermost container, or its end. */
  #entry(): void {
    const scope = this.#scopes.at(-1)
    if (scope === undefined) return
    const first = this.#at === scope.start + 1
    this.#skipWhitespace()
    if (this.#ended()) {
      throw this.#endOfInput(
        `: expected close marker for ${scope.kind} (start marker at ${this.#place(scope.start)})`,
      )
    }
    const char = this.#peek()
    if (char === '}' || char === ']') {
      this.#close(char)
      return
    }
    if (!first || !this.#fresh(scope)) {
      if (char !== ',') throw this.#unexpected(`: was expecting comma to separate ${scope.kind} entries`)
      this.#at += 1
      this.#skipWhitespace()
      if (this.#ended()) throw this.#endOfInput(` within/between ${scope.kind} entries`)
    }
    if (scope.kind === 'Object') this.#name()
    this.#value()
  }

  #fresh(scope: Scope): boolean {
    return this.#text.slice(scope.start + 1, this.#at).trim() === ''
  }

  #close(char: string): void {
    const scope = this.#scopes.at(-1)
    const kind = char === '}' ? 'Object' : 'Array'
    if (scope === undefined) {
      throw this.#fault(`Unexpected close marker '${char}': no open ${kind} to close`)
    }
    if (scope.kind !== kind) {
      const expected = scope.kind === 'Object' ? '}' : ']'
      throw this.#fault(
        `Unexpected close marker '${char}': expected '${expected}' (for ${scope.kind} starting at ${this.#place(scope.start)})`,
      )
    }
    this.#scopes.pop()
    this.#at += 1
  }

  #name(): void {
    if (this.#peek() !== '"') throw this.#unexpected(': was expecting double-quote to start field name')
    this.#string('name')
    this.#skipWhitespace()
    if (this.#ended()) throw this.#endOfInput(' within/between Object entries')
    if (this.#peek() !== ':')
      throw this.#unexpected(': was expecting a colon to separate field name and value')
    this.#at += 1
    this.#skipWhitespace()
    if (this.#ended()) throw this.#endOfInput(' within/between Object entries')
  }

  #value(): void {
    const char = this.#peek()
    if (char === '{' || char === '[') this.#open(char)
    else if (char === '"') this.#string('string value')
    else if (/[-\d]/.test(char)) this.#number()
    else if (char === 't') this.#literal('true')
    else if (char === 'f') this.#literal('false')
    else if (char === 'n') this.#literal('null')
    else this.#oddValue(char)
  }

  #open(char: string): void {
    if (this.#scopes.length >= MAX_DEPTH) {
      throw this.#fault(JACKSON_TOO_DEEP)
    }
    this.#scopes.push({ kind: char === '{' ? 'Object' : 'Array', start: this.#at })
    this.#at += 1
  }

  #literal(word: string): void {
    const token = this.#identifier()
    if (token !== word) throw this.#unrecognized(token)
    this.#at += word.length
  }

  #oddValue(char: string): never {
    if ((char === ']' || char === '}') && this.#scopes.length === 0) this.#close(char)
    for (const word of ['NaN', 'Infinity'])
      if (this.#text.startsWith(word, this.#at)) throw this.#nonStandard(word)
    if (char === '+') {
      throw this.#unexpected(
        ' in numeric value: JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow',
      )
    }
    if (char === '}' && this.#scopes.at(-1)?.kind === 'Array') throw this.#unexpected(': expected a value')
    if (IDENTIFIER_START.test(char)) throw this.#unrecognized(this.#identifier())
    throw this.#unexpected(`: expected a valid value ${VALID_VALUE}`)
  }

  #string(what: 'name' | 'string value'): void {
    const unclosed =
      this.#source === STREAM ? ' in VALUE_STRING' : ': was expecting closing quote for a string value'
    const ended = what === 'name' ? ' in field name' : unclosed
    for (this.#at += 1; this.#peek() !== '"'; this.#at += 1) {
      if (this.#ended()) throw this.#endOfInput(ended)
      if (this.#peek() === '\\') this.#escape()
      else if (this.#peek() < ' ') {
        throw this.#fault(
          `Illegal unquoted character (${describe(this.#peek())}): has to be escaped using backslash to be included in ${what}`,
        )
      }
    }
    this.#at += 1
  }

  #escape(): void {
    this.#at += 1
    if (this.#ended()) throw this.#endOfInput(' in character escape sequence')
    const char = this.#peek()
    if (char === 'u') {
      for (let digit = 0; digit < 4; digit += 1) {
        this.#at += 1
        if (this.#ended()) throw this.#endOfInput(' in character escape sequence')
        if (!/[\da-fA-F]/.test(this.#peek())) {
          throw this.#unexpected(': expected a hex-digit for character escape sequence')
        }
      }
    } else if (!'"\\/bfnrt'.includes(char)) {
      throw this.#fault(`Unrecognized character escape ${describe(char)}`)
    }
  }

  #number(): void {
    if (this.#peek() === '-') this.#sign()
    if (this.#peek() === '0' && /\d/.test(this.#text.charAt(this.#at + 1))) {
      throw this.#fault('Invalid numeric value: Leading zeroes not allowed', { at: this.#at + 1 })
    }
    this.#digits()
    if (this.#peek() === '.') this.#fraction()
    if (/[eE]/.test(this.#peek())) this.#exponent()
    if (this.#scopes.length === 0 && !this.#ended() && !WHITESPACE.includes(this.#peek())) {
      throw this.#unexpected(': Expected space separating root-level values')
    }
  }

  #sign(): void {
    this.#at += 1
    if (this.#ended()) throw this.#endOfInput('No digit following sign')
    if (this.#text.startsWith('Infinity', this.#at)) throw this.#nonStandard('-Infinity')
    if (this.#peek() === '.') throw this.#unexpected(`: expected a valid value ${VALID_VALUE}`)
    if (!/\d/.test(this.#peek())) {
      throw this.#unexpected(
        ' in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value',
      )
    }
  }

  #fraction(): void {
    this.#at += 1
    if (this.#digits() > 0) return
    if (this.#ended()) this.#at -= 1
    throw this.#unexpected(' in numeric value: Decimal point not followed by a digit')
  }

  #exponent(): void {
    this.#at += 1
    if (/[-+]/.test(this.#peek())) this.#at += 1
    if (this.#ended()) throw this.#endOfInput('expected a digit for number exponent')
    if (this.#digits() > 0) return
    throw this.#unexpected(' in numeric value: Exponent indicator not followed by a digit')
  }

  #digits(): number {
    const start = this.#at
    while (/\d/.test(this.#peek())) this.#at += 1
    return this.#at - start
  }

  #identifier(): string {
    IDENTIFIER.lastIndex = this.#at
    return IDENTIFIER.exec(this.#text)?.[0] ?? ''
  }

  #skipWhitespace(): void {
    while (!this.#ended() && WHITESPACE.includes(this.#peek())) this.#at += 1
    if (this.#peek() === '/') {
      throw this.#unexpected(
        ": maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not enabled for parser)",
      )
    }
    if (this.#peek() < ' ' && !this.#ended()) {
      throw this.#fault(
        `Illegal character (${describe(this.#peek())}): only regular white space (\\r, \\n, \\t) is allowed between tokens`,
      )
    }
  }

  #peek(): string {
    return this.#text.charAt(this.#at)
  }

  #ended(): boolean {
    return this.#at >= this.#text.length
  }

  #unrecognized(token: string): Fault {
    const shown = token.length > LONGEST_TOKEN ? `${token.slice(0, LONGEST_TOKEN)}...` : token
    // By then Jackson has read the token and the character after it.
    const at = Math.min(this.#at + token.length + 1, this.#text.length)
    return this.#fault(`Unrecognized token '${shown}': was expecting ${VALID_VALUE}`, { at })
  }

  #nonStandard(token: string): Fault {
    return this.#fault(
      `Non-standard token '${token}': enable \`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS\` to allow`,
      { at: this.#at + token.length },
    )
  }

  #unexpected(why: string): Fault {
    return this.#fault(`Unexpected character (${describe(this.#peek())})${why}`)
  }

  #endOfInput(why: string): Fault {
    return this.#fault(`Unexpected end-of-input${why}`, { endOfInput: true })
  }

  #fault(message: string, { endOfInput = false, at = this.#at } = {}): Fault {
    return new Fault({ message, endOfInput, ...this.#position(at) })
  }

  #place(at: number): string {
    const { line, column } = this.#position(at)
    return `[Source: ${this.#source}; line: ${line}, column: ${column}]`
  }

  #position(at: number): { line: number; column: number } {
    const lines = this.#text.slice(0, at).split('\n')
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
  }
}

/** How Jackson prints a character. */
function describe(char: string): string {
  const code = char.charCodeAt(0)
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return `(CTRL-CHAR, code ${code})`
  const shown = char.isWellFormed() ? char : '?'
  return `'${shown}' (code ${code}${code > 255 ? ` / 0x${code.toString(16)}` : ''})`
}
