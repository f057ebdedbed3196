// How many values a job's variables have. A text of 4 MB is one value, or two million: reading those takes a second or more of the
// one thread that all jobs of a process share. So there is a bound, and it is looked at before anything is read. Pure.
import { closingQuote } from '../job/lossless-json.ts'

/** Lists, objects and what is in them. A prompt with its history and documents has some hundreds. */
export const MOST_VALUES = 200_000

/** Whether JSON text has more values than a job may have; text that is no JSON is for its reader to refuse. */
export function hasTooManyValues(json: string): boolean {
  // Each value takes a character, and one that parts it from the next.
  if (json.length < 2 * MOST_VALUES) return false
  let values = 1
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      at = closingQuote(json, at)
      if (at === -1) return false
    } else if (code === COMMA || code === BRACKET || code === BRACE) {
      values += 1
      if (values > MOST_VALUES) return true
    }
  }
  return false
}

const QUOTE = 0x22
const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b

/** What a job with more of them is told. */
export const TOO_MANY_VALUES = `The inputs of the job have more than ${MOST_VALUES.toLocaleString('en')} values, the most that Quarry reads. Give the model a text, or a document, in place of that many.`
