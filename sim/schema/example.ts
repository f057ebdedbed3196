// Documents for JSON schemas: one that fits, and one that does not. The same schema always gives the same document. Pure.
import { fieldOf, isObject, type JsonObject, listOf, objectOf } from '../json.ts'

const DEEPEST = 8

/** A document that fits the schema, with all its properties. */
export function exampleOf(schema: unknown): unknown {
  return example(schema, { root: schema, name: 'text', depth: 0 })
}

/** A document that violates the schema: it lacks what is required, or is of another type. */
export function violationOf(schema: unknown): unknown {
  const document = exampleOf(schema)
  const [required] = listOf(fieldOf(schema, 'required'))
  if (isObject(document) && typeof required === 'string') {
    const { [required]: _, ...rest } = document
    return rest
  }
  const [name, value] = Object.entries(objectOf(document))[0] ?? []
  if (name !== undefined) return { ...objectOf(document), [name]: typeof value === 'string' ? 0 : 'wrong' }
  return typeof document === 'string' ? 0 : 'wrong'
}

interface Place {
  root: unknown
  /** The name of the property: it is the text of texts. */
  name: string
  depth: number
}

function example(schema: unknown, place: Place): unknown {
  if (!isObject(schema) || place.depth > DEEPEST) return null
  const { $ref, enum: values, anyOf, oneOf, allOf, type } = schema
  if (Object.hasOwn(schema, 'const')) return schema['const']
  if (typeof $ref === 'string') return example(referred(place.root, $ref), deeper(place))
  if (Array.isArray(values)) return values[0]
  const alternatives = listOf(anyOf ?? oneOf)
  if (alternatives.length > 0) return example(alternatives[0], deeper(place))
  if (Array.isArray(allOf)) return example(merged(allOf, schema, place.root), deeper(place))
  return byType(Array.isArray(type) ? type[0] : (type ?? guessedType(schema)), schema, place)
}

function byType(type: unknown, schema: JsonObject, place: Place): unknown {
  switch (type) {
    case 'object':
      return objectExample(schema, place)
    case 'array':
      return arrayExample(schema, place)
    case 'string':
      return stringExample(schema, place.name)
    case 'integer':
    case 'number':
      return numberExample(schema)
    case 'boolean':
      return true
    default:
      return null
  }
}

function objectExample(schema: JsonObject, place: Place): unknown {
  const properties = Object.entries(objectOf(schema['properties']))
  return Object.fromEntries(
    properties.map(([name, property]) => [name, example(property, { ...deeper(place), name })]),
  )
}

function arrayExample(schema: JsonObject, place: Place): unknown {
  const { minItems, items, prefixItems } = schema
  const first = listOf(prefixItems).map((item) => example(item, deeper(place)))
  const missing = Math.max(typeof minItems === 'number' ? minItems : 1, 1) - first.length
  const rest = isObject(items) && missing > 0 ? Array.from({ length: missing }, () => items) : []
  return [...first, ...rest.map((item) => example(item, deeper(place)))]
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function stringExample({ format, minLength = 0, maxLength }: JsonObject, name: string): string {
  const text = (typeof format === 'string' ? FORMATS[format] : undefined) ?? name
  const padded = text.padEnd(Number(minLength), 'x')
  return typeof maxLength === 'number' ? padded.slice(0, maxLength) : padded
}

function numberExample({ minimum, exclusiveMinimum, maximum, multipleOf }: JsonObject): number {
  if (typeof minimum === 'number') return minimum
  if (typeof exclusiveMinimum === 'number') return exclusiveMinimum + 1
  if (typeof maximum === 'number' && maximum < 1) return maximum
  return typeof multipleOf === 'number' ? multipleOf : 1
}

function guessedType(schema: JsonObject): string | undefined {
  if (schema['properties'] !== undefined) return 'object'
  return schema['items'] === undefined ? undefined : 'array'
}

function merged(parts: readonly unknown[], { allOf: _, ...own }: JsonObject, root: unknown): JsonObject {
  const all = [own, ...parts.map((part) => resolved(part, root))]
  const properties = Object.assign({}, ...all.map((part) => objectOf(part['properties'])))
  return { ...Object.assign({}, ...all), properties }
}

function resolved(part: unknown, root: unknown): JsonObject {
  const reference = fieldOf(part, '$ref')
  return objectOf(typeof reference === 'string' ? referred(root, reference) : part)
}

/** What a reference within the document points to. */
export function referred(root: unknown, reference: string): unknown {
  const [, pointer] = /^#(?:\/(.*))?$/.exec(reference) ?? []
  if (pointer === undefined) return reference === '#' ? root : undefined
  const names = pointer
    .split('/')
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))
  return fieldOf(root, ...names)
}

function deeper(place: Place): Place {
  return { ...place, depth: place.depth + 1 }
}
