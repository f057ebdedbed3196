// The recorded cases that are different by choice, each with what Quarry does instead.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type QuarryUnderTest, startQuarry } from '../flow/quarry-under-test.ts'
import { differentByChoice, MAX_WAIT } from './different-by-choice.ts'
import { asRecorded, playCase } from './play-case.ts'
import { recordedCases } from './recorded-cases.ts'

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry({ QUARRY_COMPATIBILITY: '8.8', QUARRY_MAX_WAIT: MAX_WAIT })
})
afterAll(() => quarry?.stop())

describe('different by choice', () => {
  it.concurrent.each(differentByChoice)('$name: $because', async ({ name, holds }) => {
    const recorded = recordedCases.find((candidate) => candidate.name === name)
    expect(recorded, 'there is no such recording').toBeDefined()
    if (recorded !== undefined) holds(await playCase(quarry, recorded), asRecorded(recorded))
  })
})
