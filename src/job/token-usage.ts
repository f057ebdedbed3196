// Tokens that a call used.

/** As Bedrock counted them; 0 where it gave no count. */
export interface TokenUsage {
  /** Input tokens that were neither read from nor written to a prompt cache. */
  readonly input: number
  readonly output: number
  /** Input tokens read from a prompt cache. */
  readonly cacheRead: number
  /** Input tokens written to a prompt cache. */
  readonly cacheWrite: number
}

/** Usage of a call that was not sent, or not answered. */
export const NO_USAGE: TokenUsage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
