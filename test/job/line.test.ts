// Which line of the connector belongs to a version of Camunda.
import { expect, it } from 'vitest'
import { lineOfGateway } from '../../src/job/line.ts'

it.each([
  ['8.8.0', '8.8', 'same'],
  ['8.9.17', '8.9', 'same'],
  ['8.10.0-alpha3', '8.10', 'same'],
  ['8.8.0-SNAPSHOT', '8.8', 'same'],
  ['8.11.0', '8.10', 'newer'],
  ['9.0.0', '8.10', 'newer'],
  ['10.1.0', '8.10', 'newer'],
  ['8.7.9', '8.8', 'older'],
  ['8.1.0', '8.8', 'older'],
  ['7.22.0', '8.8', 'older'],
  ['', '8.10', 'unreadable'],
  ['development', '8.10', 'unreadable'],
])('the gateway %j has the line %s (%s)', (version, line, fit) => {
  expect(lineOfGateway(version)).toEqual({ line, fit })
})
