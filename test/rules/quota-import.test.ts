import { describe, expect, it } from 'vitest'
import { importQuotas, writeQuotas } from '../../src/rules/quota-import.ts'
import { QUOTA_MODELS } from '../../src/rules/quota-models.ts'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'

const SONNET = 'anthropic.claude-3-5-sonnet-20241022-v2:0'
const quota = (name: string, value = 100) => ({ name, value })

describe('a quota of Service Quotas', () => {
  it.each([
    ['On-demand model inference requests per minute for Anthropic Claude 3.5 Sonnet V2', [SONNET]],
    ['On-demand InvokeModel requests per minute for Anthropic Claude 3.5 Sonnet V2', [SONNET]],
    ['Cross-Region model inference requests per minute for Anthropic Claude 3.5 Sonnet V2', [`us.${SONNET}`]],
    [
      'Global cross-region model inference requests per minute for Anthropic Claude 3.5 Sonnet V2',
      [`global.${SONNET}`],
    ],
    [
      'On-demand model inference requests per minute for Anthropic Claude Sonnet 4 V1',
      ['anthropic.claude-sonnet-4-20250514-v1:0'],
    ],
  ])('%s becomes a rule for the lanes of %j', (name, models) => {
    const { rules, left } = importQuotas('us-east-1', [quota(name)])
    expect(rules).toEqual(models.map((model) => ({ region: 'us-east-1', model, requestsPerMinute: 100 })))
    expect(left).toEqual([])
  })

  it('of tokens and one of requests make one rule', () => {
    const { rules } = importQuotas('us-east-1', [
      quota('On-demand model inference requests per minute for Amazon Nova Lite', 1_000),
      quota('On-demand model inference tokens per minute for Amazon Nova Lite', 4_000_000.0),
    ])
    expect(rules).toEqual([
      {
        region: 'us-east-1',
        model: 'amazon.nova-lite-v1:0',
        requestsPerMinute: 1_000,
        tokensPerMinute: 4_000_000,
      },
    ])
  })

  it('of a geography becomes a rule for each profile that the region may call', () => {
    const name = 'Cross-region model inference tokens per minute for Amazon Nova Pro'
    const models = (region: string) => importQuotas(region, [quota(name)]).rules.map(({ model }) => model)
    expect(models('eu-central-1')).toEqual(['eu.amazon.nova-pro-v1:0'])
    expect(models('ap-northeast-1')).toEqual(['apac.amazon.nova-pro-v1:0', 'jp.amazon.nova-pro-v1:0'])
    expect(importQuotas('sa-east-1', [quota(name)]).left[0]?.why).toContain('profiles of this region')
  })

  it.each([
    [
      'Cross-region model inference tokens per minute for Anthropic Claude 9 Epic',
      1,
      'the model is not known',
    ],
    [
      'Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1 1M Context Length',
      1,
      'the model is not known',
    ],
    ['[bedrock-mantle endpoint] Input tokens per minute for Amazon Nova Lite', 1, 'not a quota of calls'],
    ['On-demand model inference requests per minute for Amazon Nova Lite', 0, 'AWS grants none'],
  ])('%s becomes no rule', (name, value, why) => {
    const { rules, left } = importQuotas('us-east-1', [quota(name, value)])
    expect(rules).toEqual([])
    expect(left).toEqual([{ name, value, why: expect.stringContaining(why) }])
  })

  it('that is not per minute is ignored', () => {
    const names = ['Records per batch inference job for Nova Lite V1', 'CreateAgent requests per second']
    expect(
      importQuotas(
        'us-east-1',
        names.map((name) => quota(name)),
      ),
    ).toEqual({ rules: [], left: [] })
  })
})

describe('the imported file', () => {
  it('is a valid lanes file', () => {
    const listed = [
      quota('On-demand model inference requests per minute for Anthropic Claude 3.5 Sonnet V2', 50),
      quota('On-demand model inference tokens per minute for Anthropic Claude 3.5 Sonnet V2', 400_000),
      quota('On-demand model inference tokens per minute for Something: {new} # "quoted"', 5),
    ]
    const text = writeQuotas('2026-11-26', new Map([['us-east-1', importQuotas('us-east-1', listed)]]))
    expect(text).toContain(
      '  #   On-demand model inference tokens per minute for Something: {new} # "quoted": 5 (',
    )
    expect(readLaneRules({ path: 'out.yaml', text }).rules?.quotas).toEqual([
      { region: 'us-east-1', model: SONNET, requestsPerMinute: 50, tokensPerMinute: 400_000 },
    ])
  })

  it('is a valid lanes file even without any quota', () => {
    const text = writeQuotas('2026-11-26', new Map([['us-east-1', importQuotas('us-east-1', [])]]))
    expect(readLaneRules({ path: 'out.yaml', text }).rules?.quotas).toEqual([])
  })
})

it('the imported rules spell each model as rules match it', () => {
  for (const [name, id] of Object.entries(QUOTA_MODELS)) {
    expect(name).toBe(name.toLowerCase().replace(/ v1$/, ''))
    expect(id).toMatch(/^[a-z0-9]+\.[a-z0-9.:-]+$/)
  }
})
