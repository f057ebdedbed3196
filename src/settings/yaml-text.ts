// Parses YAML into plain data. Every scalar stays the text that was written (`8.10` does not become 8.1), so that a value
// means the same here and in the environment. Pure.
import { isNode, LineCounter, parseDocument, type YAMLError } from 'yaml'

export interface YamlFile {
  /** For messages. */
  readonly path: string
  readonly text: string
}

export interface YamlContent {
  /** Texts, lists and mappings; empty text where there is nothing. */
  readonly content: unknown
  /** Why it is not YAML, for people; empty when it is. */
  readonly problems: readonly string[]
  /** The line, from 1, of the value at a path or, without one, of its closest parent. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

export function parseYaml(file: YamlFile): YamlContent {
  const lines = new LineCounter()
  // Pretty errors quote the line, and the line may hold a secret.
  const document = parseDocument(file.text, { schema: 'failsafe', prettyErrors: false, lineCounter: lines })
  const problems = [...document.errors, ...document.warnings].map(
    (error) => `${file.path}, line ${lines.linePos(error.pos[0]).line}: ${describeYamlError(error)}`,
  )
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const found = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true)
      if (isNode(found) && found.range) return lines.linePos(found.range[0]).line
    }
    return 1
  }
  if (problems.length > 0) return { content: '', problems, lineOf }
  try {
    const content: unknown = document.toJS()
    return { content: content ?? '', problems, lineOf }
  } catch {
    return { content: '', problems: [`${file.path}: a value that starts with * needs quotes.`], lineOf }
  }
}

// These two errors would quote the value, which may be a password.
function describeYamlError(error: YAMLError): string {
  if (error.code === 'TAG_RESOLVE_FAILED') return 'a value that starts with ! needs quotes.'
  if (error.code === 'BAD_ALIAS') return 'a value that starts with * or & needs quotes.'
  return `not YAML: ${error.message}.`
}
