// All functions that an expression can call, by line of the runtime.
import type { Line } from '../line.ts'
import type { Functions } from '../value.ts'
import { booleanFunctions } from './boolean.ts'
import { contextFunctions } from './context.ts'
import { conversionFunctions } from './conversion.ts'
import { errorFunctions } from './error.ts'
import { listFunctions } from './list.ts'
import { numericFunctions } from './numeric.ts'
import { rangeFunctions } from './range.ts'
import { newStringFunctions, stringFunctions } from './string.ts'
import { temporalFunctions } from './temporal.ts'

function functionsOf(line: Line): Functions {
  const groups = [
    conversionFunctions,
    booleanFunctions,
    stringFunctions,
    listFunctions,
    numericFunctions,
    contextFunctions,
    rangeFunctions,
    temporalFunctions,
    errorFunctions(line),
    ...(line === '8.10' ? [newStringFunctions] : []),
  ]
  return new Map(groups.flatMap((group) => Object.entries(group)))
}

/** The functions of the engine and of the connector's runtime. */
export const allFunctions: Readonly<Record<Line, Functions>> = {
  '8.8': functionsOf('8.8'),
  '8.9': functionsOf('8.9'),
  '8.10': functionsOf('8.10'),
}
