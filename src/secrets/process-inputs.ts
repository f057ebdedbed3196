// The input mappings of every element of a process, from its BPMN. The text was deployed by others: entities are not expanded, nothing is
// fetched, and XML that is not well-formed is refused.
import { SaxesParser, type SaxesTagNS } from 'saxes'
import type { InputMapping } from '../connector/secret-allow-list.ts'
import { letOthersRun } from '../time/let-others-run.ts'

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'
const ZEEBE = 'http://camunda.org/schema/zeebe/1.0'

/** Deepest nesting: each tag searches all tags around it for its namespace. A diagram has some tens. */
const MOST_NESTED = 500
/** Parsed at a time, in UTF-16 units, before other work gets its turn. */
const AT_A_TIME = 64 * 1024

/**
 * Input mappings in their order, by element id. Every BPMN element with an ioMapping counts: tasks, sub-processes and events, with or
 * without a template.
 * @throws Error (rejects) when the text is not well-formed, or nested too deeply.
 */
export async function processInputs(xml: string): Promise<ReadonlyMap<string, readonly InputMapping[]>> {
  const inputs = new Map<string, InputMapping[]>()
  const parser = new SaxesParser({ xmlns: true })
  const open: SaxesTagNS[] = []
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', (tag) => {
    const element = is(tag, ZEEBE, 'input') ? mappedElement(open) : null
    if (element !== null) {
      const mapping = { source: attribute(tag, 'source'), target: attribute(tag, 'target') }
      const known = inputs.get(element)
      if (known === undefined) inputs.set(element, [mapping])
      else known.push(mapping)
    }
    open.push(tag)
    if (open.length > MOST_NESTED) throw new Error(`the process is nested more than ${MOST_NESTED} deep`)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  for (let from = 0; from < xml.length; from += AT_A_TIME) {
    await letOthersRun()
    parser.write(xml.slice(from, from + AT_A_TIME))
  }
  parser.close()
  return inputs
}

/** The id of the element whose ioMapping is open. */
function mappedElement(open: readonly SaxesTagNS[]): string | null {
  const [element, extensions, mapping] = open.slice(-3)
  if (
    element?.uri !== BPMN ||
    !is(extensions, BPMN, 'extensionElements') ||
    !is(mapping, ZEEBE, 'ioMapping')
  ) {
    return null
  }
  return attribute(element, 'id')
}

function is(tag: SaxesTagNS | undefined, uri: string, local: string): boolean {
  return tag?.uri === uri && tag.local === local
}

function attribute(tag: SaxesTagNS, name: string): string {
  return Object.hasOwn(tag.attributes, name) ? (tag.attributes[name]?.value ?? '') : ''
}
