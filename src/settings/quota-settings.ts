// Settings of quotas: the defaults of all lanes, the list in the settings file, and the lanes file.
import { z } from 'zod'
import { optionalSetting, settingFacts } from './setting.ts'
import { amount, text, wholeNumber } from './setting-types.ts'

const requests = () => wholeNumber({ minimum: 1 })

export const quotaSettings = z.strictObject({
  defaultRequestsPerMinute: optionalSetting(requests(), {
    environment: ['QUARRY_DEFAULT_RPM'],
    doc: 'Requests per minute of a lane that no quota fits; unset: Quarry finds the rate that AWS grants.',
    example: '600',
  }),
  defaultTokensPerMinute: optionalSetting(requests(), {
    environment: ['QUARRY_DEFAULT_TPM'],
    doc: 'Tokens per minute, input and output together, of a lane that no quota fits; unset: tokens are not reserved.',
    example: '200000',
  }),
})

/** One entry of `quotas`, in the settings file and in the lanes file. */
export const quotaEntry = z
  .strictObject(
    {
      account: z.exactOptional(text()),
      region: z.exactOptional(text()),
      model: z.exactOptional(text()),
      requestsPerMinute: z.exactOptional(requests()),
      tokensPerMinute: z.exactOptional(requests()),
      concurrency: z.exactOptional(requests()),
      burstSeconds: z.exactOptional(amount()),
    },
    { error: 'an entry such as { region: us-east-1, requestsPerMinute: 600 }' },
  )
  .refine(
    ({ requestsPerMinute, tokensPerMinute, concurrency }) =>
      (requestsPerMinute ?? tokensPerMinute ?? concurrency) !== undefined,
    { error: 'an entry with requestsPerMinute, tokensPerMinute or concurrency' },
  )

export const quotasSetting = z
  .array(quotaEntry, { error: 'a list of entries' })
  .default([])
  .register(settingFacts, {
    environment: [],
    doc: 'Quotas by account, region and model (`*` stands for any characters); the first entry that fits counts. Those of QUARRY_LANES_FILE come first.',
    example: '- { region: us-east-1, model: "anthropic.*", requestsPerMinute: 600, tokensPerMinute: 200000 }',
  })

export const lanesFileSetting = optionalSetting(text(), {
  environment: ['QUARRY_LANES_FILE'],
  doc: 'YAML file of lane rules: quotas, weights, routes and budgets ([lanes](lanes.md)). Read again when it changes, without a restart.',
  example: '/etc/quarry/lanes.yaml',
})
