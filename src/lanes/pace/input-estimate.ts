// How many input tokens a call will have, before it is sent: by its size and by what earlier calls of the lane had. Pure.
// Counting exactly costs a call of its own (CountTokens), and not every model has it.

/** What of a call becomes input tokens. */
export interface InputSize {
  /** Of prompts and of text documents. */
  readonly characters: number
  readonly images: number
  /** Of documents that are not text, as PDF. */
  readonly documentBytes: number
}

/** Tokens for a character, before a lane has taught better: English prose has 3.5 to 4 characters a token. */
export const DEFAULT_RATIO = 1 / 3.5
const LOWEST_RATIO = 0.1
const HIGHEST_RATIO = 2
/** Of the next call in the average: some ten calls tell. */
const WEIGHT = 0.2

/** An image of full size is about 1,600 tokens (https://platform.claude.com/docs/en/build-with-claude/vision). */
const IMAGE_AS_CHARACTERS = 5_600
/** Most of a PDF's or an office document's bytes are no text. */
const DOCUMENT_BYTES_A_CHARACTER = 10

/**
 * Tokens that a call's input is expected to have.
 * @param ratio tokens for a character, as {@link learnedRatio} gives it
 */
export function estimateInputTokens(size: InputSize, ratio: number = DEFAULT_RATIO): number {
  return Math.ceil(asCharacters(size) * bounded(ratio))
}

/**
 * The ratio of a lane after one more call: a moving average, between 0.1 and 2 tokens for a character.
 * @param inputTokens what the call really had, those of caches included; 0 teaches nothing
 */
export function learnedRatio(ratio: number, size: InputSize, inputTokens: number): number {
  const characters = asCharacters(size)
  if (characters <= 0 || !(inputTokens > 0)) return bounded(ratio)
  return bounded(bounded(ratio) * (1 - WEIGHT) + bounded(inputTokens / characters) * WEIGHT)
}

function asCharacters({ characters, images, documentBytes }: InputSize): number {
  return characters + images * IMAGE_AS_CHARACTERS + documentBytes / DOCUMENT_BYTES_A_CHARACTER
}

function bounded(ratio: number): number {
  return Number.isFinite(ratio) ? Math.min(HIGHEST_RATIO, Math.max(LOWEST_RATIO, ratio)) : DEFAULT_RATIO
}
