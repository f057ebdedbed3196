// `npm run bench -- expressions`: the cost of an expression, without a job. Each case is a process of its own, so that its
// CPU, children included, is counted separately.
import { makeFeelPool } from '../src/feel/pool.ts'
import type { JsonObject } from '../src/job/json.ts'
import type { Bench, BenchCase } from './bench.ts'
import type { Figures } from './report/figure.ts'
import { figuresOf } from './rig/figures-process.ts'
import { cpuSeconds } from './rig/process-tree.ts'

const EVALUATIONS = 2_000
const QUICK_EVALUATIONS = 200
const AT_ONCE = 20
/** Warm-up: compilation and child processes are not counted. */
const WARM_UP_EVALUATIONS = 400

const text = 'The claim is covered. Refund at once, as the customer has waited for three weeks. '.repeat(12)
const answer: JsonObject = {
  output: { message: { role: 'assistant', content: [{ text }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 812, outputTokens: 240, totalTokens: 1_052 },
}
const error: JsonObject = {
  code: 'ThrottlingException',
  message: 'Too many requests (Status Code: 429)',
  variables: {},
}

interface Expression {
  readonly name: string
  readonly title: string
  readonly expression: string
  readonly context: JsonObject
}

const EXPRESSIONS: readonly Expression[] = [
  {
    name: 'result',
    title: 'a result expression',
    expression: '={answer: response.output.message.content[1].text, tokens: response.usage.outputTokens}',
    context: { ...answer, response: answer },
  },
  {
    name: 'error',
    title: 'an error expression',
    expression:
      '=if contains(error.message, "429") then jobError(error.message, {}, job.retries - 1, duration("PT30S")) else null',
    context: { error, response: { error }, job: { retries: 3 } },
  },
  {
    name: 'pattern',
    title: 'a pattern, which only a child evaluates',
    expression: '={urgent: matches(response.output.message.content[1].text, "(?i)refund")}',
    context: { ...answer, response: answer },
  },
]

/** Too long to be evaluated in this process; FEEL ignores the blanks. */
const forChild = (expression: string) => `${expression}/*${' '.repeat(1_000)}*/`
/** A new text each time: it must be parsed. */
const unseen = (expression: string, index: number) => `${forChild(expression)}/*${index}*/`

const WAYS: readonly {
  readonly name: string
  readonly title: string
  readonly write: (expression: string, index: number) => string
}[] = [
  { name: 'plain', title: 'as it is', write: (expression) => expression },
  { name: 'child', title: 'in a child', write: forChild },
  { name: 'parsed', title: 'in a child, parsed each time', write: unseen },
]

/** CPU and time of that many evaluations, child processes included. */
async function evaluate(name: string, way: string, count: number): Promise<Figures> {
  const found = EXPRESSIONS.find((one) => one.name === name)
  const write = WAYS.find((one) => one.name === way)?.write
  if (found === undefined || write === undefined) throw new Error(`No case ${name} ${way}`)
  const { expression, context } = found
  const pool = makeFeelPool('8.8')
  let written = 0
  const evaluateMany = async (many: number): Promise<void> => {
    const until = written + many
    const evaluateOne = async (): Promise<void> => {
      while (written < until) {
        written += 1
        const result = await pool.evaluate(write(expression, written), context)
        if (!result.ok) throw new Error(result.message)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, evaluateOne))
  }
  await evaluateMany(WARM_UP_EVALUATIONS)
  const before = cpuSeconds([process.pid])
  const startedAt = performance.now()
  await evaluateMany(count)
  const seconds = (performance.now() - startedAt) / 1_000
  const after = cpuSeconds([process.pid])
  await pool.close()
  return {
    cpuPer1000: before === null || after === null ? null : ((after - before) * 1_000) / count,
    rate: count / seconds,
  }
}

const CASES: readonly BenchCase[] = EXPRESSIONS.flatMap(({ name, title }) =>
  WAYS.map((way) => ({
    name: `${name}-${way.name}`,
    title: `${title}, ${way.title}`,
    run: ({ quick }) => {
      const count = quick ? QUICK_EVALUATIONS : EVALUATIONS
      return figuresOf('bench/expressions.ts', [name, way.name, String(count)])
    },
  })),
)

export const expressions: Bench = {
  name: 'expressions',
  title: '2,000 evaluations of an expression, 20 at a time, without a job around them',
  figures: {
    cpuPer1000: { title: 'CPU of 1,000 evaluations', unit: 'cpu' },
    rate: { title: 'evaluations a second', unit: 'perSecond' },
  },
  cases: CASES,
  goals: (median) =>
    ['result', 'error'].map((name) => ({
      case: `${name}-plain`,
      figure: 'cpuPer1000',
      atMost: 0.2 * (median(`${name}-parsed`, 'cpuPer1000') ?? 0),
      because: 'a fifth of one that a child parses each time',
    })),
  charts: ['cpuPer1000'],
}

if (process.argv[1] === import.meta.filename) {
  const [, , name = '', way = '', count = ''] = process.argv
  console.log(JSON.stringify(await evaluate(name, way, Number(count))))
}
