// What holds for the clean-up of every test file: a hook that fails on what was never started hides why it was not, and
// leaves the rest of it running.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = import.meta.dirname
const HOOK = /\bafter(?:All|Each)\(/g
/** A variable that has no value until a hook or a test gives it one. */
const UNSET = /^\s*let (\w+)(?:: (?!.*=[^>]).*)?$/gm

function testFiles(): string[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
}

/** The text between a parenthesis that was opened before `start` and the one that closes it. */
function argumentsAt(text: string, start: number): string {
  let open = 1
  let end = start
  for (; open > 0 && end < text.length; end += 1) {
    if (text[end] === '(') open += 1
    if (text[end] === ')') open -= 1
  }
  return text.slice(start, end - 1)
}

/** Whether the hook copes with a variable that is still unset. */
function copes(hook: string, name: string): boolean {
  const asked = new RegExp(`\\b${name} (&&|[!=]==? undefined|\\?\\?)|\\b${name}\\b.*\\beach\\?\\.`)
  const bare = new RegExp(`(?<![\\w.])${name}\\b(?!\\?\\.| =)`)
  return asked.test(hook) || !bare.test(hook)
}

it('cleanup tolerates parts that never started, so that the report shows the first failure', () => {
  const faults = testFiles().flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const unset = [...text.matchAll(UNSET)].map(([, name = '']) => name)
    return [...text.matchAll(HOOK)].flatMap((hook) => {
      const body = argumentsAt(text, hook.index + hook[0].length)
      return unset.filter((name) => !copes(body, name)).map((name) => `${file}: ${name}`)
    })
  })
  expect(faults).toEqual([])
})
