// The lines of the connector's runtime; they differ in the functions of expressions.
import type { WorkOwner } from '../job/fair-queue.ts'
import type { Line } from '../job/line.ts'

/** 8.8 runs engine 1.20, 8.9 engine 1.21 and 8.10 engine 1.22. */
export type { Line }

/** Whose expression it is, and of which line. */
export interface ExpressionOwner extends WorkOwner {
  readonly line?: Line
}
