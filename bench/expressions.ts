// Measures what an expression costs: `npm run bench:expressions`, without an engine or Redis. CPU time of this process and
// all that it started, for 1,000 evaluations with 20 at a time; medians of rounds in which each way has its turn.
import { makeFeelPool } from '../src/feel/pool.ts'
import type { JsonObject } from '../src/job/json.ts'
import { median } from './report/statistics.ts'
import { cpuSeconds } from './rig/process-tree.ts'

const EVALUATIONS = 2_000
const AT_ONCE = 20
const ROUNDS = 5

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

interface Case {
  readonly name: string
  readonly expression: string
  readonly context: JsonObject
}

const CASES: readonly Case[] = [
  {
    name: 'a result expression',
    expression: '={answer: response.output.message.content[1].text, tokens: response.usage.outputTokens}',
    context: { ...answer, response: answer },
  },
  {
    name: 'an error expression',
    expression:
      '=if contains(error.message, "429") then jobError(error.message, {}, job.retries - 1, duration("PT30S")) else null',
    context: { error, response: { error }, job: { retries: 3 } },
  },
  {
    name: 'a pattern, which only a child evaluates',
    expression: '={urgent: matches(response.output.message.content[1].text, "(?i)refund")}',
    context: { ...answer, response: answer },
  },
]

/** Longer than what is evaluated in this process; the blanks are not part of the expression. */
const forChild = (expression: string) => `${expression}/*${' '.repeat(1_000)}*/`
/** A text that nobody has seen yet is parsed. */
const unseen = (expression: string, index: number) => `${forChild(expression)}/*${index}*/`

const WAYS: readonly {
  readonly name: string
  readonly write: (expression: string, index: number) => string
}[] = [
  { name: 'as it is', write: (expression) => expression },
  { name: 'in a child', write: forChild },
  { name: 'in a child, parsed each time', write: unseen },
]

let written = 0

/** CPU of 1,000 evaluations, s. */
async function cpuPer1000(
  { expression, context }: Case,
  write: (expression: string, index: number) => string,
) {
  const before = cpuSeconds([process.pid]) ?? 0
  const until = written + EVALUATIONS
  const evaluateOne = async (): Promise<void> => {
    while (written < until) {
      written += 1
      const result = await pool.evaluate(write(expression, written), context)
      if (!result.ok) throw new Error(result.message)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, evaluateOne))
  return (((cpuSeconds([process.pid]) ?? 0) - before) * 1_000) / EVALUATIONS
}

const pool = makeFeelPool('8.8')
console.log(`expression | ${WAYS.map(({ name }) => name).join(' | ')} (CPU seconds for 1,000)`)
for (const one of CASES) {
  const figures = WAYS.map((): number[] => [])
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [index, { write }] of WAYS.entries()) {
      const cpu = await cpuPer1000(one, write)
      // The first round compiles and starts what the others use.
      if (round > 0) figures[index]?.push(cpu)
    }
  console.log(`${one.name} | ${figures.map((each) => median(each)?.toFixed(3)).join(' | ')}`)
}
await pool.close()
