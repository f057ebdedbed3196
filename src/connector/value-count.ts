// How many values a job's variables have. A text of 4 MB is one value, or two million: reading those takes a second or more of the
// one thread that all jobs of a process share. So there is a bound, and it is looked at before anything is read. Pure.
import { LARGE_UNITS } from '../job/large-job.ts'
import { closingQuote } from '../job/lossless-json.ts'

/** Lists, objects and what is in them. A prompt with its history and documents has some hundreds. */
export const MOST_VALUES = 200_000

/** Whether JSON text has more values than a job may have; text that is no JSON is for its reader to refuse. */
export function hasTooManyValues(json: string): boolean {
  // Each value takes a character, and one that parts it from the next.
  return json.length >= 2 * MOST_VALUES && countValues(json, MOST_VALUES) > MOST_VALUES
}

/** A value takes as long to be read as so many characters of a text. */
const UNITS_PER_VALUE = 32

/** How long it takes to read JSON text, as a number of characters of one text: 60,000 characters may be one value, or 30,000. */
export function readingUnits(json: string): number {
  return json.length + (json.length < LARGE_UNITS ? UNITS_PER_VALUE * countValues(json, LARGE_UNITS) : 0)
}

/** As far as it takes to see that there are more than `most`; 0 where a text does not end. */
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

/** What a job with more of them is told. Written when it is needed: the names and numbers of all languages take long to load. */
export function tooManyValues(): string {
  return `The inputs of the job have more than ${MOST_VALUES.toLocaleString('en')} values, the most that Quarry reads. Give the model a text, or a document, in place of that many.`
}
