// Estimates a call's input tokens before it is sent, from its size and from earlier calls of the lane. Pure. An exact count (CountTokens)
// would cost a call of its own, and not every model supports it.

/** The parts of a call that become input tokens. */
export interface InputSize {
  /** Of prompts and of text documents. */
  readonly characters: number
  readonly images: number
  /** Of documents that are not text, such as PDF. */
  readonly documentBytes: number
}

/** Tokens per character before a lane has learned its ratio: English prose has 3.5 to 4 characters per token. */
export const DEFAULT_RATIO = 1 / 3.5
const LOWEST_RATIO = 0.1
const HIGHEST_RATIO = 2
/** Weight of the latest call in the moving average, which follows about ten calls. */
const WEIGHT = 0.2

/** An image of full size is about 1,600 tokens (https://platform.claude.com/docs/en/build-with-claude/vision). */
const IMAGE_AS_CHARACTERS = 5_600
/** Most bytes of a PDF or an office document are not text. */
const DOCUMENT_BYTES_A_CHARACTER = 10

/**
 * Expected input tokens of a call.
 * @param ratio tokens per character, from {@link learnedRatio}
 */
export function estimateInputTokens(size: InputSize, ratio: number = DEFAULT_RATIO): number {
  return Math.ceil(asCharacters(size) * bounded(ratio))
}

/**
 * The ratio of a lane after one more call: a moving average, between 0.1 and 2 tokens per character.
 * @param inputTokens real input tokens of the call, including cached ones; 0 leaves the ratio as it is
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
