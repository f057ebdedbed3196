// The functions that the connector's runtime adds for error expressions (FeelConnectorFunctionProvider). Each returns a
// context that describes the error; result expressions can call them, too.
import { Duration } from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import { decimal, toInt, ZERO } from '../decimal.ts'
import type { Line } from '../line.ts'
import { EngineError, FeelContext, type Kind, kindOf, type Value } from '../value.ts'
import { type Builtins, builtin } from './builtin.ts'

type Given = Value | undefined

const BPMN_ERROR = ['errorCode', 'errorMessage', 'variables']
const JOB_ERROR = ['errorMessage', 'variables', 'retries', 'retryBackoff']
const BACKOFF = ['attempt', 'minDelay', 'factor', 'maxDelay', 'jitterFactor']

/** The functions of a line of the runtime. */
export function errorFunctions(line: Line): Builtins {
  return {
    bpmnError: (line === '8.10' ? [1, 2, 3] : [2, 3]).map((count) =>
      builtin(BPMN_ERROR.slice(0, count), (...values) => bpmnError(values)),
    ),
    jobError: JOB_ERROR.map((_, index) =>
      builtin(JOB_ERROR.slice(0, index + 1), (...values) => jobError(values, line)),
    ),
    ...(line === '8.8' ? {} : ignoreError),
    ...(line === '8.10' ? backoff : {}),
  }
}

function bpmnError(values: readonly Given[]): Value {
  const entries = values.map((value, index) => {
    const name = BPMN_ERROR[index] ?? ''
    const sound = name === 'variables' ? value instanceof FeelContext : typeof value === 'string'
    if (!sound) throw wrongType(name, 'bpmnError', name === 'variables' ? 'Context' : 'String')
    return [name, value ?? null] as const
  })
  return new FeelContext(new Map([['errorType', 'bpmnError'], ...entries]))
}

/** @throws EngineError for values of other types, which Java cannot cast. */
function jobError(values: readonly Given[], line: Line): Value {
  const [errorMessage, variables = new FeelContext(new Map()), retries = ZERO, retryBackoff = Duration.ZERO] =
    values
  if (typeof errorMessage !== 'string') throw wrongClass(errorMessage ?? null, 'ValString')
  if (!(variables instanceof FeelContext)) throw wrongClass(variables, 'ValContext')
  if (!(retries instanceof BigDecimal)) throw wrongClass(retries, 'ValNumber')
  if (!(retryBackoff instanceof Duration)) throw wrongClass(retryBackoff, 'ValDayTimeDuration')
  return new FeelContext(
    new Map<string, Value>([
      ['errorType', 'jobError'],
      ['errorMessage', errorMessage],
      // 8.8 drops them, as recorded.
      ['variables', line === '8.8' ? new FeelContext(new Map()) : variables],
      ['retries', retries],
      ['retryBackoff', retryBackoff],
    ]),
  )
}

const ignoreError: Builtins = {
  ignoreError: [
    builtin(['variables'], (variables) => {
      if (!(variables instanceof FeelContext)) throw wrongType('variables', 'ignoreError', 'Context')
      return new FeelContext(
        new Map<string, Value>([
          ['errorType', 'ignoreError'],
          ['variables', variables],
        ]),
      )
    }),
    builtin([], () => new FeelContext(new Map([['errorType', 'ignoreError']]))),
  ],
}

const DEFAULT_BACKOFF: readonly Value[] = [
  decimal(1),
  Duration.ofMillis(50),
  decimal('1.6'),
  Duration.ofMillis(5_000),
  decimal('0.1'),
]

const backoff: Builtins = {
  backoff: BACKOFF.map((_, index) =>
    builtin(BACKOFF.slice(0, index + 1), (...values) =>
      delay([...values, ...DEFAULT_BACKOFF.slice(values.length)]),
    ),
  ),
}

function delay([attempt, minDelay, factor, maxDelay, jitterFactor]: readonly Given[]): Value {
  const times = toInt(number(attempt, 'attempt'))
  const least = duration(minDelay, 'minDelay').toMillis()
  const growth = number(factor, 'factor').numberValue()
  const most = duration(maxDelay, 'maxDelay').toMillis()
  const jitter = number(jitterFactor, 'jitterFactor').numberValue()
  refuse(times < 1, `'attempt' must be >= 1, but was ${times}`)
  refuse(growth <= 0, `'factor' must be > 0, but was ${growth}`)
  refuse(least > most, `'minDelay' must be <= 'maxDelay', but ${least}ms > ${most}ms`)
  refuse(jitter < 0, `'jitterFactor' must be >= 0, but was ${jitter}`)
  const between = Math.max(least, Math.min(most, least * growth ** (times - 1)))
  const spread = (2 * Math.random() - 1) * jitter * between
  return Duration.ofMillis(Math.max(0, Math.round(between + spread)))
}

function refuse(wrong: boolean, reason: string): void {
  if (wrong) throw new EngineError(`java.lang.IllegalArgumentException: backoff(): ${reason}`)
}

function number(value: Given, name: string): BigDecimal {
  if (value instanceof BigDecimal) return value
  throw wrongType(name, 'backoff', 'Number')
}

function duration(value: Given, name: string): Duration {
  if (value instanceof Duration) return value
  throw wrongType(name, 'backoff', 'day-time duration (e.g. duration("PT1S"))')
}

const CLASSES: Readonly<Record<Kind, string>> = {
  null: 'ValNull$',
  boolean: 'ValBoolean',
  string: 'ValString',
  number: 'ValNumber',
  date: 'ValDate',
  'local time': 'ValLocalTime',
  time: 'ValTime',
  'local date and time': 'ValLocalDateTime',
  'date and time': 'ValDateTime',
  'years and months duration': 'ValYearMonthDuration',
  'days and time duration': 'ValDayTimeDuration',
  list: 'ValList',
  context: 'ValContext',
  range: 'ValRange',
  function: 'ValFunction',
}

/** Java's message for a failed cast. */
function wrongClass(value: Value, wanted: string): EngineError {
  const [given, asked] = [CLASSES[kindOf(value)], wanted].map((name) => `org.camunda.feel.syntaxtree.${name}`)
  return new EngineError(
    `java.lang.ClassCastException: class ${given} cannot be cast to class ${asked} (${given} and ${asked} are in unnamed module of loader 'app')`,
  )
}

function wrongType(parameter: string, name: string, type: string): EngineError {
  return new EngineError(
    `java.lang.IllegalArgumentException: Parameter '${parameter}' of function '${name}' must be a ${type}`,
  )
}
