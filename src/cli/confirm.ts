// The question before a change of many lanes. Only a person at a terminal is asked: a script has chosen its lanes.
import { createInterface } from 'node:readline/promises'

/** Whether a person confirms. True where there is no terminal. */
export async function confirmed(question: string, lines: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true
  const asking = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await asking.question(`${lines.map((line) => `  ${line}\n`).join('')}${question} [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    asking.close()
  }
}
