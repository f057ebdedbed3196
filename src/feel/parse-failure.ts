// How feel-scala says that an expression cannot be parsed. Its parser reads the longest expression it can and names
// the place where that ends and what could have followed. Pure; costs some parsing, and only for a broken expression.
import type { Expression } from './expression.ts'
import { parse } from './parse.ts'

const EXPRESSION = '(ifOp | forOp | quantifiedOp | disjunction)'
const AT_START = '(start-of-input | ifOp | forOp | quantifiedOp | disjunction)'
const AFTER_EXPRESSION = 'binaryComparison | between | instanceOf | in'
const AFTER_COMPARISON = ['path | filter', '"**"', '[*/]', '[+\\\\-]']
const AFTER_ANY = ['"and"', '"or"', 'end-of-input']
// An operator that stands there without its operand is told with what its operand could have been.
const OPERANDS: Readonly<Record<string, string>> = {
  '"**"': 'mathNegation',
  '[*/]': 'exponent',
  '[+\\\\-]': 'mulDiv',
  '"and"': '(addSub | unaryComparison | range)',
  '"or"': 'conjunction',
}
const IF_PARTS = [EXPRESSION, '"then"', EXPRESSION, '"else"', EXPRESSION]
const FOUND_LENGTH = 10
// Beyond this the place is not looked for: a broken expression must not cost more than a sound one.
const LONGEST_SEARCH = 2000
const MOST_TRIES = 60

/**
 * The message of feel-scala for an expression that cannot be parsed.
 */
export function parseFailure(expression: string): string {
  const keyword = /^(if|for|some|every)\b/.exec(expression)?.[0]
  const parsed = keyword?.length ?? longestExpression(expression)
  const position = parsed === 0 ? 0 : expression.length - expression.slice(parsed).trimStart().length
  const expected =
    parsed === 0
      ? AT_START
      : `(${keyword === undefined ? '' : afterKeyword(keyword, expression)}${after(expression, parsed)})`
  const before = expression.slice(0, position).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  const found = JSON.stringify(expression.slice(position, position + FOUND_LENGTH))
  return `failed to parse expression '${expression}': Expected ${expected}:${before.length}:${column}, found ${found}`
}

/** What could go on after the part that is an expression. */
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

/** feel-scala takes the keyword for a variable's name, and says what else it could have begun. */
function afterKeyword(keyword: string, expression: string): string {
  if (keyword !== 'if') {
    const word = keyword === 'for' ? 'return' : 'satisfies'
    const [head = '', ...body] = expression.split(new RegExp(`\\b${word}\\b`))
    if (parse(`${head} ${word} 1`) === null) return 'listIterator.rep(1) | '
    return `listIterator.rep(1) ~ "${word}"${body.length > 0 ? ` ~ ${EXPRESSION}` : ''} | `
  }
  const [, consequence] = /\bthen\b(.*)$/s.exec(expression) ?? []
  const complete = /\belse\b/.test(consequence ?? '') ? 5 : 4
  const parts = consequence === undefined ? 2 : consequence.trim() === '' ? 3 : complete
  return `${IF_PARTS.slice(0, parts).join(' ~ ')} | `
}

function longestExpression(expression: string): number {
  if (expression.length > LONGEST_SEARCH || !closesWhatItOpens(expression)) return 0
  const ends = [...expression.matchAll(/\d+|[a-z_$][\w$]*|["`\])}?]/gi)].map(
    (match) => match.index + match[0].length,
  )
  const candidates = ends.filter((end) => end < expression.length).slice(-MOST_TRIES)
  return candidates.findLast((end) => parse(expression.slice(0, end)) !== null) ?? 0
}

/** Whether the bracket or quote that an expression starts with, if it does, is closed somewhere. */
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
