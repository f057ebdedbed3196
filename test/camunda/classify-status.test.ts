import { expect, test } from 'vitest'
import { classifyStatus, tenantFailure } from '../../src/camunda/classify-status.ts'

test.for([
  ['NOT_FOUND', '', 'gone'],
  ['FAILED_PRECONDITION', '', 'notActive'],
  ['UNKNOWN', "Command 'UPDATE_TIMEOUT' rejected with code 'INVALID_STATE': not active", 'notActive'],
  ['RESOURCE_EXHAUSTED', 'Reached maximum capacity of requests handled', 'later'],
  ['RESOURCE_EXHAUSTED', 'Received message larger than max (6291505 vs 4194304)', 'tooLarge'],
  ['RESOURCE_EXHAUSTED', 'gRPC message exceeds maximum size 4194304: 6291505', 'tooLarge'],
  ['UNKNOWN', "Command 'COMPLETE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': ", 'tooLarge'],
  ['INTERNAL', "Command 'COMPLETE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': ", 'tooLarge'],
  ['UNAVAILABLE', 'No connection established', 'later'],
  ['DEADLINE_EXCEEDED', '', 'later'],
  ['INTERNAL', '', 'later'],
  ['UNKNOWN', '', 'later'],
  ['ABORTED', '', 'later'],
  ['DATA_LOSS', '', 'later'],
  ['UNAUTHENTICATED', '', 'later'],
  ['CANCELLED', '', 'later'],
  ['PERMISSION_DENIED', '', 'rejected'],
  ['INVALID_ARGUMENT', '', 'rejected'],
  ['UNIMPLEMENTED', '', 'rejected'],
  ['OUT_OF_RANGE', '', 'rejected'],
  ['ALREADY_EXISTS', '', 'rejected'],
] as const)('%s (%s) means %s', ([status, details, disposition]) => {
  expect(classifyStatus(status, details)).toBe(disposition)
})

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
