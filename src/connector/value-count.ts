// Bounds the number of values in a job's variables, before they are parsed. A text of 4 MB may be one value, or two million, which would
// block the one thread that all jobs of a process share for a second or more. Pure.
import { LARGE_UNITS } from '../job/large-job.ts'
import { closingQuote } from '../job/lossless-json.ts'

/** Counts lists, objects and everything in them. A prompt with its history and documents has some hundreds. */
export const MOST_VALUES = 200_000

/** Whether JSON text has more values than a job may have; a text that is no JSON is refused when it is parsed. */
export function hasTooManyValues(json: string): boolean {
  // Each value takes a character, and a separator.
  return json.length >= 2 * MOST_VALUES && countValues(json, MOST_VALUES) > MOST_VALUES
}

/** Parsing a value takes as long as this many characters of a string. */
const UNITS_PER_VALUE = 32

/** The cost of parsing JSON text, in characters of a string: 60,000 characters may be one value, or 30,000. */
export function readingUnits(json: string): number {
  return json.length + (json.length < LARGE_UNITS ? UNITS_PER_VALUE * countValues(json, LARGE_UNITS) : 0)
}

/** Counts until there are more than `most`; 0 if a string does not end. */
function countValues(json: string, most: number): number {
  let values = 1
  for (let at = 0; at < json.length && values <= most; at += 1) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      at = closingQuote(json, at)
      if (at === -1) return 0
    } else if (code === COMMA || code === BRACKET || code === BRACE) values += 1
  }
  return values
}

const QUOTE = 0x22
const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b

/** The error for a job with more. Made when it is needed: loading the number formats takes long. */
export function tooManyValues(): string {
  return `The inputs of the job have more than ${MOST_VALUES.toLocaleString('en')} values, the most that Quarry reads. Give the model a text, or a document, in place of that many.`
}
