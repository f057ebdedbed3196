import { expect, test } from 'vitest'
import { tenantFailure } from '../../src/camunda/tenant-failure.ts'

const ASKED = ['<default>', 'a', 'b']

test.for([
  [
    "Expected to activate job batch for tenants '[<default>, a, b]', but user is not authorized. Authorized tenants are '[<default>, a]'",
    /assigned to "b" in/,
  ],
  [
    "Expected to handle gRPC request ActivateJobs with tenant identifier 'a', but tenant is not authorized to perform this request",
    /assigned to "a" in/,
  ],
  [
    'Expected to handle gRPC request ActivateJobs with tenant identifiers [<default>, a, b], but tenant is not authorized to perform this request',
    /assigned to "<default>", "a", "b" in/,
  ],
  [
    'Expected to handle gRPC request ActivateJobs with tenant identifier `a`, but multi-tenancy is disabled',
    /remove CAMUNDA_TENANT_ID/,
  ],
] as const)('%s', ([details, hint]) => {
  expect(tenantFailure(details, ASKED)).toMatch(hint)
})

test('a text without tenants is left alone', () => {
  expect(tenantFailure('no permission', ASKED)).toBeNull()
})
