import { describe, expect, it } from 'vitest'
import { turnCost } from '../../src/pace/fair-order.ts'
import { jobTurn, processWeight } from '../../src/pace/flow.ts'

describe('the weight of a process', () => {
  const rules = [
    { tenant: 'gold', process: 'claims-*', weight: 5 },
    { tenant: 'gold', weight: 3 },
    { process: 'report', weight: 0.5 },
  ]
  it.each([
    ['gold', 'claims-new', 5],
    ['gold', 'report', 3],
    ['<default>', 'report', 0.5],
    ['<default>', 'other', 1],
  ])('of tenant %s and process %s is that of the first rule that fits', (tenant, process, weight) => {
    expect(processWeight(rules, tenant, process)).toBe(weight)
  })
})

describe('the turn of a job', () => {
  const job = { tenantId: '<default>', bpmnProcessId: 'claims' }

  it('costs less for more weight and for a higher priority', () => {
    expect(jobTurn(job, 3, 4)).toEqual({ flow: '<default> claims x4', cost: turnCost(12) })
  })

  it('is of another flow for each tenant, process and level of priority', () => {
    const flows = [
      jobTurn(job, 1, 1),
      jobTurn({ ...job, tenantId: 'a' }, 1, 1),
      jobTurn({ ...job, bpmnProcessId: 'b' }, 1, 1),
      jobTurn(job, 1, 16),
    ]
    expect(new Set(flows.map(({ flow }) => flow)).size).toBe(4)
  })

  it('is of the same flow for factors of about the same size', () => {
    const flows = [0.8, 1, 1.2, 1.4].map((factor) => jobTurn(job, 1, factor).flow)
    expect(new Set(flows).size).toBe(1)
  })
})
