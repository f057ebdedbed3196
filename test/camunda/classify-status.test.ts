import { expect, test } from 'vitest'
import { classifyStatus } from '../../src/camunda/classify-status.ts'

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
