import { describe, expect, it } from 'vitest'
import { makeLaneCheck } from '../../src/execute/allowed-calls.ts'
import type { AllowRule } from '../../src/rules/lane-rules.ts'

const check = (allow: readonly AllowRule[] | undefined, [tenantId, region, model]: readonly string[]) =>
  makeLaneCheck(() => allow)(
    { tenantId: tenantId ?? '' },
    {
      ...{ credentials: { kind: 'chain' }, region: region ?? '' },
      call: { action: 'invokeModel', modelId: model ?? '', body: '{}' },
      size: { characters: 0, images: 0, documentBytes: 0, maxTokens: null },
    },
  )

describe('the models that a tenant may call', () => {
  it('are all if the lanes file has no list', () => {
    expect(check(undefined, ['a', 'eu-west-1', 'm'])).toBeNull()
  })

  it('are those that match an entry once there is a list', () => {
    const allow = [
      { tenant: 'gold', region: 'eu-*', model: 'anthropic.*' },
      { model: 'amazon.nova-lite-v1:0' },
    ]
    const rows = [
      [['gold', 'eu-west-1', 'anthropic.claude'], true],
      [['gold', 'us-east-1', 'anthropic.claude'], false],
      [['other', 'eu-west-1', 'anthropic.claude'], false],
      [['other', 'us-east-1', 'amazon.nova-lite-v1:0'], true],
      [['other', 'us-east-1', 'amazon.nova-lite-v1:0x'], false],
    ] as const
    for (const [asked, allowed] of rows) expect(check(allow, asked) === null, asked.join()).toBe(allowed)
    expect(check([], ['a', 'eu-west-1', 'm'])).not.toBeNull()
  })

  it('are explained in the refusal: what is wrong, for whom, and where to change it', () => {
    expect(check([], ['gold', 'eu-west-1', 'm'])?.message).toBe(
      'The model m in eu-west-1 is not allowed for tenant gold: no entry of "allow" in the lanes file of Quarry (QUARRY_LANES_FILE) fits. Add one there, or change region or model of the task.',
    )
  })
})
