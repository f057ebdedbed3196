// The lines of the connector's runtime; they differ in the functions of expressions.

/** 8.8 runs engine 1.20, 8.9 engine 1.21 and 8.10 engine 1.22. */
export type Line = '8.8' | '8.9' | '8.10'
