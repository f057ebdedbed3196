// FEEL's context functions.
import { FeelContext, isList, type Value } from '../value.ts'
import { aliased, type Builtins, builtin, variadic } from './builtin.ts'

const merge = variadic(['contexts'], (contexts) => {
  if (contexts === undefined || !isList(contexts)) return null
  if (!contexts.every((context) => context instanceof FeelContext)) return null
  return new FeelContext(new Map(contexts.flatMap(({ variables }) => [...variables])))
})

export const contextFunctions: Builtins = {
  'get entries': aliased([['context'], ['m']], (context) =>
    context instanceof FeelContext
      ? [...context.variables].map(
          ([key, value]) =>
            new FeelContext(
              new Map([
                ['key', key],
                ['value', value],
              ]),
            ),
        )
      : undefined,
  ),
  'get value': aliased(
    [
      ['m', 'key'],
      ['context', 'key'],
      ['context', 'keys'],
    ],
    (context, key) => {
      if (!(context instanceof FeelContext)) return undefined
      if (typeof key === 'string') return context.get(key) ?? null
      return key !== undefined && isList(key) ? valueAt(context, key) : undefined
    },
  ),
  'context put': aliased(
    [
      ['context', 'key', 'value'],
      ['context', 'keys', 'value'],
    ],
    put,
  ),
  put: [builtin(['context', 'key', 'value'], put)],
  'context merge': [merge],
  'put all': [merge],
  context: [builtin(['entries'], (entries) => fromEntries(entries))],
}

function valueAt(context: FeelContext, keys: readonly Value[]): Value {
  if (keys.length === 0 || !keys.every((key) => typeof key === 'string')) return null
  let value: Value = context
  for (const key of keys) {
    if (!(value instanceof FeelContext)) return null
    value = value.get(key) ?? null
  }
  return value
}

function put(context: Value | undefined, key: Value | undefined, value: Value = null): Value | undefined {
  if (!(context instanceof FeelContext) || key === undefined) return undefined
  if (typeof key === 'string') return withValue(context, [key], value)
  if (!isList(key)) return undefined
  if (key.length === 0) return null
  return key.every((part) => typeof part === 'string') ? withValue(context, key, value) : undefined
}

function withValue(context: Value | undefined, [key, ...keys]: readonly string[], value: Value): FeelContext {
  const variables = context instanceof FeelContext ? context.variables : new Map<string, Value>()
  if (key === undefined) return new FeelContext(variables)
  const inner = keys.length === 0 ? value : withValue(variables.get(key), keys, value)
  return new FeelContext(new Map([...variables, [key, inner]]))
}

function fromEntries(entries: Value | undefined): Value {
  if (entries === undefined || !isList(entries)) return null
  const variables = new Map<string, Value>()
  for (const entry of entries) {
    if (!(entry instanceof FeelContext)) return null
    const key = entry.get('key')
    const value = entry.get('value')
    if (typeof key !== 'string' || value === undefined) return null
    variables.set(key, value)
  }
  return new FeelContext(variables)
}
