// Which schemas and answers are checked again.
import { expect, it } from 'vitest'
import { type Aside, AsideError } from '../../src/aside/aside.ts'
import { makeSchemaChecks } from '../../src/execute/schema-checks.ts'

const owner = { tenantId: 't', bpmnProcessId: 'p' }

it('a schema whose check was ended is refused from then on, without another check', async () => {
  const asked: string[] = []
  const aside = {
    run: async (name: string, _about: object, schema: string) => {
      asked.push(`${name} ${schema}`)
      if (name === 'schemaViolations') throw new AsideError('it takes too long')
      return null
    },
  } as unknown as Aside
  const checks = makeSchemaChecks(aside)
  expect(await checks.fault('{}', owner)).toBeNull()
  expect(await checks.violations('{}', '1', owner)).toEqual({ fault: 'it takes too long' })
  expect(await checks.violations('{}', '1', owner)).toEqual({ fault: 'it takes too long' })
  expect(await checks.fault('{}', owner)).toBe('it takes too long')
  expect(await checks.fault('[]', owner)).toBeNull()
  expect(asked).toEqual(['schemaFault {}', 'schemaViolations {}', 'schemaFault []'])
})
