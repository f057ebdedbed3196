import { describe, expect, it } from 'vitest'
import { turnCost } from '../../../src/lanes/order/fair-order.ts'
import { jobTurn, readFlow, weightsOf } from '../../../src/lanes/order/flow.ts'

describe('the weights of a job', () => {
  const rules = [
    { tenant: 'gold', process: 'claims-*', weight: 5 },
    { tenant: 'gold', weight: 3 },
    { process: 'report', weight: 0.5 },
  ]
  it.each([
    ['gold', 'claims-new', 3, 5],
    ['gold', 'report', 3, 0.5],
    ['<default>', 'report', 1, 0.5],
    ['<default>', 'other', 1, 1],
  ])(
    'of tenant %s and process %s are %d among tenants, %d within',
    (tenantId, processId, tenant, process) => {
      expect(weightsOf(rules, tenantId, processId)).toEqual({ tenant, process })
    },
  )
})

describe('the turn of a job', () => {
  const job = { tenantId: '<default>', bpmnProcessId: 'claims' }
  const EVEN = { tenant: 1, process: 1 }

  it('costs less for more weight and for a higher priority', () => {
    expect(jobTurn(job, { tenant: 2, process: 3 }, 4)).toEqual({
      ...{ tenant: '<default>', flow: '<default> claims x4', cost: turnCost(12), tenantCost: turnCost(2) },
    })
  })

  it('contains its tenant and process', () => {
    const { flow } = jobTurn({ ...job, bpmnProcessId: 'a b' }, EVEN, 4)
    expect(readFlow(flow)).toEqual({ tenantId: '<default>', bpmnProcessId: 'a b' })
  })

  it('belongs to a separate flow for each tenant, process and level of priority', () => {
    const flows = [
      jobTurn(job, EVEN, 1),
      jobTurn({ ...job, tenantId: 'a' }, EVEN, 1),
      jobTurn({ ...job, bpmnProcessId: 'b' }, EVEN, 1),
      jobTurn(job, EVEN, 16),
    ]
    expect(new Set(flows.map(({ flow }) => flow)).size).toBe(4)
  })

  it('belongs to the same flow for factors of about the same size', () => {
    const flows = [0.8, 1, 1.2, 1.4].map((factor) => jobTurn(job, EVEN, factor).flow)
    expect(new Set(flows).size).toBe(1)
  })
})
