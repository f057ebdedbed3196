// What Bedrock adds to a model's answer to Converse: the fields that were asked for by path, and the router's choice. Pure.
import type { ConverseAnswer } from '../answers.ts'
import { fieldOf, isObject, listOf, objectOf } from '../json.ts'
import type { Script } from '../script/script.ts'

/** Adds the model's own fields that the request names by path, and the model that a prompt router chose. */
export function dressed(answer: ConverseAnswer, body: unknown, script: Script | undefined): ConverseAnswer {
  const { router, fields } = script ?? {}
  const asked = askedFields(fields, listOf(fieldOf(body, 'additionalModelResponseFieldPaths')))
  const trace = {
    ...objectOf(answer.further?.['trace']),
    ...(router !== undefined && { promptRouter: { invokedModelId: router } }),
  }
  const further = {
    ...answer.further,
    ...(asked !== undefined && { additionalModelResponseFields: asked }),
    ...(Object.keys(trace).length > 0 && { trace }),
  }
  return Object.keys(further).length > 0 ? { ...answer, further } : answer
}

/** The fields that the JSON pointers name, at their places; undefined without any. */
function askedFields(fields: unknown, paths: readonly unknown[]): Record<string, unknown> | undefined {
  const found: Record<string, unknown> = {}
  for (const path of paths) {
    const names = String(path)
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    const value = fieldOf(fields, ...names)
    if (value !== undefined) place(found, names, value)
  }
  return Object.keys(found).length > 0 ? found : undefined
}

function place(into: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[name] = value
    return
  }
  const inner = isObject(into[name]) ? { ...into[name] } : {}
  into[name] = inner
  place(inner, rest, value)
}
