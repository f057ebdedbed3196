// The kinds of value a setting can have, each as a schema from text to value. Environment variables are text, and the file is
// read as text too, so that `8.10` stays 8.10. Each message completes "NAME: … is not …".
import { z } from 'zod'
import { parseDuration } from '../job/duration.ts'
import { readGatewayAddress, writeGatewayAddress } from '../job/gateway-address.ts'
import { isKnownKey, KNOWN_KEY } from '../job/published.ts'

const DAY_MS = 86_400_000
const LONGEST_MS = 365 * DAY_MS

function fromText<Value>(expected: string, read: (text: string) => Value | null) {
  return z.string({ error: expected }).transform((text, context) => {
    const value = read(text)
    if (value !== null) return value
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })
}

/** Any text that is not empty. */
export function text() {
  return z.string({ error: 'a text' }).min(1, { error: 'a text' })
}

/** A text that fits a pattern; `expected` describes it for people. */
export function textLike(pattern: RegExp, expected: string) {
  return fromText(expected, (value) => (pattern.test(value) ? value : null))
}

/** `true` or `false`. */
export function yesOrNo() {
  return fromText('true or false', (value) => {
    const lower = value.toLowerCase()
    return lower === 'true' ? true : lower === 'false' ? false : null
  })
}

/** A whole number, written in decimal digits. */
export function wholeNumber(range: { minimum: number; maximum?: number }) {
  const { minimum, maximum } = range
  const from = `a whole number from ${minimum}`
  return fromText(maximum === undefined ? `${from} up` : `${from} to ${maximum}`, (digits) => {
    const value = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN
    return value >= minimum && value <= (maximum ?? Number.MAX_SAFE_INTEGER) ? value : null
  })
}

/** A number above 0 with up to six decimals. */
export function amount() {
  const expected = 'a number above 0, such as 0.5, 3 or 250.00'
  return textLike(/^(?=.*[1-9])\d{1,12}(\.\d{1,6})?$/, expected).transform(Number)
}

/** A share: above 0, at most 1, with up to six decimals. */
export function part() {
  return fromText('a part of a whole, above 0 and at most 1, such as 0.5', (value) => {
    const number = /^[01](\.\d{1,6})?$/.test(value) ? Number(value) : 0
    return number > 0 && number <= 1 ? number : null
  })
}

/** A duration above zero and of at most 365 days, ISO-8601 in, milliseconds out. */
export function duration() {
  return fromText(
    `an ISO-8601 duration above zero and up to P365D (PT30S, PT5M, PT1H, P1D; no weeks, months or years)`,
    (value) => {
      const milliseconds = parseDuration(value)
      return milliseconds !== null && milliseconds > 0 && milliseconds <= LONGEST_MS ? milliseconds : null
    },
  )
}

/** One of a few words, in any letter case; `synonyms` maps words of other products to one of them. */
export function choice<const Words extends readonly [string, ...string[]]>(
  words: Words,
  synonyms: ReadonlyMap<string, Words[number]> = new Map(),
) {
  return fromText(`one of ${words.join(', ')}`, (value): Words[number] | null => {
    const lower = value.toLowerCase()
    return words.find((word) => word.toLowerCase() === lower) ?? synonyms.get(lower) ?? null
  })
}

/** An absolute URL with one of the schemes. */
export function url(...schemes: readonly string[]) {
  return fromText(
    `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    (value) => {
      const parsed = URL.parse(value)
      if (parsed === null || parsed.hostname === '') return null
      return schemes.includes(parsed.protocol.slice(0, -1)) ? value : null
    },
  )
}

/** The address of a Zeebe gateway; the value is `grpc://host:port` or `grpcs://host:port`. */
export function gatewayAddress() {
  return fromText(
    'an address such as grpc://host:26500, grpcs://host:443, https://host or host:26500',
    (value) => {
      const address = readGatewayAddress(value)
      return address === null ? null : writeGatewayAddress(address)
    },
  )
}

const KEY = '32 bytes in base64 (make one with: openssl rand -base64 32)'

/** Keys of 32 bytes in base64 (`openssl rand -base64 32`), with commas between them or as a YAML list. */
export function keys() {
  return z
    .union([z.string(), z.array(z.string())], { error: KEY })
    .transform((value) => (typeof value === 'string' ? value.split(',') : value).map((each) => each.trim()))
    .superRefine((texts, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', message })
      const wrong = texts.findIndex((each) => !/^[A-Za-z0-9+/]{43}=$/.test(each))
      if (wrong >= 0)
        return refuse(texts.length === 1 ? KEY : `a list of keys: key ${wrong + 1} is not ${KEY}`)
      const again = texts.findIndex((each, index) => texts.indexOf(each) < index)
      if (again < 0) {
        const known = texts.findIndex((each) => isKnownKey(Buffer.from(each, 'base64')))
        if (known >= 0) refuse(`a key to be used: key ${known + 1} is ${KNOWN_KEY}`)
        return
      }
      refuse(
        `a list of different keys: key ${again + 1} is key ${texts.indexOf(texts[again] ?? '') + 1} again`,
      )
    })
}

/** Values with commas between them, or a YAML list. Repeated values count once. */
export function list<Value>(element: z.ZodType<Value, string>, size: { minimum: number } = { minimum: 0 }) {
  return z
    .union([z.string(), z.array(z.string())], { error: 'a list: values with commas between them' })
    .transform((value) => (typeof value === 'string' ? value.split(',') : value))
    .transform((values) => [...new Set(values.map((value) => value.trim()).filter((value) => value !== ''))])
    .pipe(z.array(element).min(size.minimum, { error: 'a list of at least one value' }))
}
