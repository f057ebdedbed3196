// The element templates, and the description of the inputs that they and the binding are made from.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  CacheTTL,
  GuardrailChecksContentFilterCategory,
  GuardrailChecksPromptAttackCategory,
  GuardrailContentSource,
  GuardrailOutputScope,
  GuardrailTrace,
  PerformanceConfigLatency,
  ServiceTierType,
  StopReason,
  Trace,
} from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, it } from 'vitest'
import { elementTemplateFile, type TemplateProperty } from '../../element-templates/template.ts'
import type { InputKind } from '../../src/bedrock/input.ts'
import { CAUGHT_REASONS } from '../../src/bedrock/inputs/shared.ts'
import { dataKinds, INPUTS } from '../../src/bedrock/inputs.ts'
import { ownAuthentication } from '../../src/connector/own-credentials.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import { parse } from '../../src/feel/parse.ts'

/** It has no types. */
const { validateZeebe } = createRequire(import.meta.url)('@bpmn-io/element-templates-validator') as {
  validateZeebe(template: unknown): { readonly errors: readonly unknown[] | null }
}

const FILES = [
  ['quarry-bedrock.json', false],
  ['quarry-bedrock-hybrid.json', true],
] as const
const { properties, groups } = elementTemplateFile({ hybrid: true })
const fields = properties.filter(({ type }) => type !== 'Hidden')

describe.each(FILES)('%s', (name, hybrid) => {
  const text = readFileSync(new URL(`../../element-templates/${name}`, import.meta.url), 'utf8')

  it('is what `npm run templates` makes', () => {
    expect(text, 'run `npm run templates`').toBe(
      `${JSON.stringify(elementTemplateFile({ hybrid }), null, 2)}\n`,
    )
  })

  it('is an element template for Zeebe', () => {
    const { errors } = validateZeebe(JSON.parse(text))
    expect(errors).toBeNull()
  })
})

describe('the element template', () => {
  it('has the fields of its groups, each by an id of its own', () => {
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length)
    const used = [...new Set(fields.map(({ group }) => group))]
    expect(used).toEqual(groups.map(({ id }) => id))
  })

  it('has headers before inputs in each group, as the properties panel needs them', () => {
    for (const { id } of groups) {
      const bindings = fields.filter(({ group }) => group === id).map(({ binding }) => binding.type)
      expect(bindings.slice(0, bindings.lastIndexOf('zeebe:taskHeader') + 1)).not.toContain('zeebe:input')
    }
  })

  it('has FEEL for examples and defaults wherever a field takes only FEEL or the text begins with an equals sign', () => {
    const examples = fields.flatMap(({ feel, placeholder }) =>
      feel === 'required' ? [placeholder ?? ''] : [],
    )
    const values = fields.flatMap(({ value = '', choices = [] }) => [
      value,
      ...choices.map((one) => one.value),
    ])
    const expressions = [
      ...examples,
      ...values.filter((text) => text.startsWith('=')).map((text) => text.slice(1)),
    ]
    expect(expressions.length).toBeGreaterThan(20)
    expect(expressions.filter((text) => text !== '' && parse(text) === null)).toEqual([])
  })

  it('has an example or a default for each field that takes only FEEL', () => {
    const without = fields.filter(
      ({ feel, placeholder, value }) => feel === 'required' && !(placeholder ?? value),
    )
    expect(without.map(({ id }) => id)).toEqual([])
  })
})

describe('a dropdown', () => {
  const dropdowns = INPUTS.filter(({ field }) => field?.choices !== undefined)

  it.each(dropdowns.map((input) => [input.name, input] as const))(
    'of %s has values that its binding takes',
    (_name, { kinds, field }) => {
      const values = Object.keys(field?.choices ?? {}).map(evaluated)
      expect(values.filter((value) => !kinds.some((kind) => allows(kind, value)))).toEqual([])
    },
  )

  it('leaves out only what an empty one means', () => {
    const left = dropdowns.flatMap(({ name, kinds, field }) =>
      kinds.flatMap((kind) =>
        kind.kind === 'choice'
          ? kind.values
              .filter((value) => !Object.hasOwn(field?.choices ?? {}, value))
              .map((value) => `${name}: ${value}`)
          : [],
      ),
    )
    expect(left).toEqual(['data.outputScope: INTERVENTIONS', 'data.answerDocument: never'])
  })
})

/** What the engine makes of the source of an input mapping. */
function evaluated(source: string): unknown {
  if (!source.startsWith('=')) return source
  const result = evaluate(source.slice(1), {})
  expect(result.ok).toBe(true)
  return result.ok ? result.value : undefined
}

function allows(kind: InputKind, value: unknown): boolean {
  switch (kind.kind) {
    case 'choice':
      return kind.values.some((one) => one === value)
    case 'choices':
      return Array.isArray(value) && value.every((item) => kind.values.includes(item))
    case 'boolean':
      return typeof value === 'boolean'
    default:
      return false
  }
}

describe('the inputs', () => {
  it('are those of the decision record', () => {
    const page = readFileSync(new URL('../../docs/adr/0014-bedrocks-own-json.md', import.meta.url), 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    const recorded = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
    )
    const own = (['converse', 'invokeModel'] as const).flatMap((action) =>
      [...dataKinds(action).keys()].map((path) => path.replace(/\..*$/, '')),
    )
    // These are the stock connector's, and have new forms.
    const stock = ['newMessage', 'messagesHistory', 'payload']
    expect(new Set([...own, ...stock])).toEqual(new Set(recorded))
  })

  it('have the names of credentials that the binding reads', () => {
    const own = INPUTS.filter(({ name, stock }) => name.startsWith('authentication.') && !stock)
    const names = own.map(({ name }) => name.slice('authentication.'.length))
    expect(Object.keys(ownAuthentication(Object.fromEntries(names.map((name) => [name, 'x']))))).toEqual(
      expect.arrayContaining(names),
    )
  })

  it('have the values that the AWS SDK knows', () => {
    const values = (name: string): readonly string[] =>
      INPUTS.filter((input) => input.name === name)
        .flatMap(({ kinds }) => kinds)
        .flatMap((kind) => ('values' in kind ? kind.values : []))
    const same = (name: string, known: Readonly<Record<string, string>>): void =>
      expect(new Set(values(name))).toEqual(new Set(Object.values(known)))
    same('data.serviceTier', ServiceTierType)
    same('data.performanceConfig', PerformanceConfigLatency)
    same('data.performanceConfigLatency', PerformanceConfigLatency)
    same('data.guardrailConfig.trace', GuardrailTrace)
    same('data.trace', Trace)
    same('data.cacheTtl', CacheTTL)
    same('data.source', GuardrailContentSource)
    same('data.outputScope', GuardrailOutputScope)
    const ends = ['end_turn', 'stop_sequence', 'tool_use']
    expect(new Set([...CAUGHT_REASONS, ...ends])).toEqual(
      new Set([...Object.values(StopReason), 'schema_violated']),
    )
  })

  it('look for everything that guardrail checks know, unless somebody chooses', () => {
    const categories = (name: string) => {
      const { value = '' } = properties.find(({ id }) => id === name) ?? ({} as TemplateProperty)
      return (evaluated(value) as readonly { readonly category: string }[]).map(({ category }) => category)
    }
    expect(categories('data.checks.contentFilter.categories')).toEqual(
      Object.values(GuardrailChecksContentFilterCategory),
    )
    expect(categories('data.checks.promptAttack.categories')).toEqual(
      Object.values(GuardrailChecksPromptAttackCategory),
    )
  })
})
