// feel-scala's message for an expression that cannot be parsed. Its parser reads the longest expression it can, and names the
// position where that ends and what it expected there. Pure; parses up to 60 prefixes, only for a broken expression.
import type { Expression } from './expression.ts'
import { parse } from './parse.ts'

const EXPRESSION = '(ifOp | forOp | quantifiedOp | disjunction)'
const AT_START = '(start-of-input | ifOp | forOp | quantifiedOp | disjunction)'
const AFTER_EXPRESSION = 'binaryComparison | between | instanceOf | in'
const AFTER_COMPARISON = ['path | filter', '"**"', '[*/]', '[+\\\\-]']
const AFTER_ANY = ['"and"', '"or"', 'end-of-input']
// For an operator without its operand, the message also names what the operand could be.
const OPERANDS: Readonly<Record<string, string>> = {
  '"**"': 'mathNegation',
  '[*/]': 'exponent',
  '[+\\\\-]': 'mulDiv',
  '"and"': '(addSub | unaryComparison | range)',
  '"or"': 'conjunction',
}
// Any name of two letters, to replace an `if` that is read as a name.
const NAME = 'fi'
const FOUND_LENGTH = 10
// For longer ones the position is not searched: a broken expression must not cost more than a sound one.
const LONGEST_SEARCH = 2000
const MOST_TRIES = 60

/** The message of feel-scala for an expression that cannot be parsed. */
export function parseFailure(expression: string): string {
  const { parsed, expected } = whereItEnds(expression)
  const position = parsed === 0 ? 0 : expression.length - expression.slice(parsed).trimStart().length
  const before = expression.slice(0, position).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  const found = JSON.stringify(expression.slice(position, position + FOUND_LENGTH))
  return `failed to parse expression '${expression}': Expected ${expected}:${before.length}:${column}, found ${found}`
}

/** The length of the longest prefix that is an expression, and what feel-scala expected after it. */
function whereItEnds(expression: string): { parsed: number; expected: string } {
  const keyword = /^(if|for|some|every)\b/.exec(expression)?.[0]
  if (keyword === 'if') return whereIfEnds(expression)
  const parsed = keyword?.length ?? longestExpression(expression)
  if (parsed === 0) return { parsed, expected: AT_START }
  const iteration = keyword === undefined ? '' : afterKeyword(keyword, expression)
  return { parsed, expected: `(${iteration}${after(expression, parsed)})` }
}

/** feel-scala reads `if (a)` as a call of a function, and `if` before anything else as a name. */
function whereIfEnds(expression: string): { parsed: number; expected: string } {
  const complete = longestExpression(expression)
  if (parse(expression.slice(0, complete))?.kind === 'if') {
    return { parsed: complete, expected: `(${after(expression, complete)})` }
  }
  const asName = `${NAME}${expression.slice(NAME.length)}`
  const parsed = /^if\s*\(/.test(expression) ? longestExpression(asName) : NAME.length
  const following = expression.slice(parsed).trimStart()
  const rest = after(asName, parsed)
  if (parsed === NAME.length) {
    const condition = longestExpression(following)
    const parts = [EXPRESSION, ...afterCondition(following.slice(condition).trimStart())]
    const started = condition === 0 ? EXPRESSION.slice(1, -1) : parts.join(' ~ ')
    return { parsed, expected: `(${started} | ${rest})` }
  }
  if (/^if\s*\(\s*\)/.test(expression)) return { parsed, expected: `(${rest})` }
  if (!/^then\b/.test(following)) {
    return { parsed, expected: `(${rest.replace('end-of-input', '"then" | end-of-input')})` }
  }
  return { parsed, expected: `(${['disjunction', ...afterCondition(following)].join(' ~ ')} | ${rest})` }
}

/** The parts of an `if` that are there, and the one that is missing or broken. */
function afterCondition(text: string): string[] {
  const [then] = /^then\b\s*/.exec(text) ?? []
  if (then === undefined) return ['"then"']
  const consequence = text.slice(then.length)
  const parsed = longestExpression(consequence)
  if (parsed === 0) return ['"then"', EXPRESSION]
  const alternative = /^else\b/.test(consequence.slice(parsed).trimStart())
  return ['"then"', EXPRESSION, '"else"', ...(alternative ? [EXPRESSION] : [])]
}

/** What could follow the prefix that is an expression. */
function after(expression: string, parsed: number): string {
  const last = lastOf(parse(expression.slice(0, parsed)))
  const following = expression.slice(parsed).trimStart()
  const [sign = ''] = /^(?:and|or|\*\*|[*/+-])/.exec(following) ?? []
  const told = {
    '**': '"**"',
    and: '"and"',
    or: '"or"',
    '*': '[*/]',
    '/': '[*/]',
    '+': '[+\\\\-]',
    '-': '[+\\\\-]',
  }
  const operator = Object.entries(told).find(([text]) => text === sign)?.[1]
  const compared = last !== null && ['comparison', 'not', 'compares'].includes(last.kind)
  const first = compared ? AFTER_COMPARISON : last?.kind === 'within' ? [] : [AFTER_EXPRESSION]
  return [...first, ...AFTER_ANY]
    .map((part) => (part === operator ? `${part} ~ ${OPERANDS[part]}` : part))
    .join(' | ')
}

function lastOf(expression: Expression | null): Expression | null {
  return expression?.kind === 'junction' ? lastOf(expression.right) : expression
}

/** feel-scala reads the keyword as a variable's name, and names what else it could have started. */
function afterKeyword(keyword: string, expression: string): string {
  const word = keyword === 'for' ? 'return' : 'satisfies'
  const [head = '', ...body] = expression.split(new RegExp(`\\b${word}\\b`))
  if (parse(`${head} ${word} 1`) === null) return 'listIterator.rep(1) | '
  return `listIterator.rep(1) ~ "${word}"${body.length > 0 ? ` ~ ${EXPRESSION}` : ''} | `
}

function longestExpression(expression: string): number {
  if (expression.length > LONGEST_SEARCH || !closesWhatItOpens(expression)) return 0
  const ends = [...expression.matchAll(/\d+|[a-z_$][\w$]*|["`\])}?]/gi)].map(
    (match) => match.index + match[0].length,
  )
  const candidates = ends.slice(-MOST_TRIES)
  return candidates.findLast((end) => parse(expression.slice(0, end)) !== null) ?? 0
}

/** Whether the bracket or quote at the start of an expression, if any, is closed. */
function closesWhatItOpens(expression: string): boolean {
  if (!/^["[({]/.test(expression)) return true
  let depth = 0
  for (const [token] of expression.matchAll(/"(?:\\.|[^"\\])*"|[[({\])}"]/gs)) {
    if (token === '"') return false
    if ('[({'.includes(token)) depth += 1
    if ('])}'.includes(token)) depth -= 1
    if (depth === 0) return true
  }
  return false
}
