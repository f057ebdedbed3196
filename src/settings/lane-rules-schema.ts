// The schema of the lanes file (QUARRY_LANES_FILE): from text to the rules of rules/lane-rules.ts. Each message completes
// "PLACE: … is not …".
import { z } from 'zod'
import { roleAccount } from '../job/credential.ts'
import { sessionTagFault } from '../job/session-tags.ts'
import { filledTags } from '../rules/credential-rules.ts'
import { BUDGET_ERROR_CODE, type LaneRules } from '../rules/lane-rules.ts'
import { quotaEntry } from './quota-settings.ts'
import { amount, choice, duration, text, textLike, wholeNumber, yesOrNo } from './setting-types.ts'

const DEFAULT_SPILL_AFTER = 'PT2S'

const weightEntry = z.strictObject(
  { tenant: z.exactOptional(text()), process: z.exactOptional(text()), weight: amount() },
  { error: 'an entry such as { tenant: gold, weight: 3 }' },
)

const routeTarget = z
  .strictObject(
    { region: z.exactOptional(text()), model: z.exactOptional(text()), weight: z.exactOptional(amount()) },
    { error: 'a target such as { region: us-west-2 }' },
  )
  .refine(({ region, model }) => (region ?? model) !== undefined, { error: 'a target with region or model' })

const routeEntry = z
  .strictObject(
    {
      region: z.exactOptional(text()),
      model: z.exactOptional(text()),
      to: z
        .array(routeTarget, { error: 'a list of targets' })
        .min(1, { error: 'a list of at least one target' })
        .refine((targets) => new Set(targets.map(({ weight }) => weight === undefined)).size < 2, {
          error: 'a list in which all targets have a weight, or none',
        }),
      spillAfter: duration().prefault(DEFAULT_SPILL_AFTER),
    },
    { error: 'an entry such as { region: us-east-1, to: [{ region: us-west-2 }] }' },
  )
  .transform(({ spillAfter, ...entry }) => ({ ...entry, spillAfterMs: spillAfter }))

const budgetEntry = z
  .strictObject(
    {
      name: text(),
      tenant: z.exactOptional(text()),
      process: z.exactOptional(text()),
      region: z.exactOptional(text()),
      model: z.exactOptional(text()),
      per: z.exactOptional(choice(['tenant', 'process', 'lane'])),
      period: choice(['hour', 'day', 'month']),
      tokens: z.exactOptional(wholeNumber({ minimum: 1 })),
      usd: z.exactOptional(amount()),
      action: choice(['alert', 'wait', 'fail']),
      errorCode: z.exactOptional(text()),
    },
    { error: 'an entry such as { name: team-a, period: day, tokens: 1000000, action: alert }' },
  )
  .refine(({ tokens, usd }) => (tokens === undefined) !== (usd === undefined), {
    error: 'an entry with either tokens or usd',
  })
  .refine(({ action, errorCode }) => errorCode === undefined || action === 'fail', {
    error: 'an entry that uses errorCode: only `action: fail` does',
  })
  .transform((entry) =>
    entry.action === 'fail' ? { ...entry, errorCode: entry.errorCode ?? BUDGET_ERROR_CODE } : entry,
  )

const budgets = z
  .array(budgetEntry, { error: 'a list of entries' })
  .refine((entries) => new Set(entries.map(({ name }) => name)).size === entries.length, {
    error: 'a list in which each name occurs once',
  })

const priorityEntry = z.strictObject(
  {
    tenant: z.exactOptional(text()),
    most: z.exactOptional(amount()),
    fromVariables: z.exactOptional(yesOrNo()),
  },
  { error: 'an entry such as { tenant: trial-*, most: 4, fromVariables: false }' },
)

/** A list, or one entry without a list. */
const priorities = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : value),
  z.array(priorityEntry, { error: 'an entry such as { most: 16, fromVariables: false }, or a list of such' }),
)

const accountEntry = z
  .strictObject(
    {
      id: textLike(/^(\d{12}|default)$/, 'twelve digits of an AWS account, or default'),
      name: z.exactOptional(textLike(/^[^\s@*%]+$/, 'a name without blanks, @, * and %')),
      accessKeys: z.exactOptional(
        z.array(textLike(/^[A-Za-z0-9]{4,128}$/, 'an access key id such as AKIA…'), {
          error: 'a list of access key ids',
        }),
      ),
      apiKeys: z.exactOptional(
        z.array(
          textLike(
            /^api-key-[0-9a-f]{12}$/,
            'the account in the name of a lane, such as api-key-1a2b3c4d5e6f',
          ),
          {
            error: 'a list of names such as api-key-1a2b3c4d5e6f',
          },
        ),
      ),
    },
    { error: 'an entry such as { id: "123456789012", name: payments }' },
  )
  .refine(({ name, accessKeys, apiKeys }) => (name ?? accessKeys ?? apiKeys) !== undefined, {
    error: 'an entry with name, accessKeys or apiKeys',
  })

const profileEntry = z.strictObject(
  { profile: text(), model: text() },
  {
    error:
      'an entry such as { profile: "arn:aws:bedrock:*:application-inference-profile/hq2*", model: anthropic.claude-sonnet-4-5-20250929-v1:0 }',
  },
)

const unpricedPrice = z.strictObject({ input: amount(), output: amount() })
const UNPRICED =
  'refuse, count nothing, or a price in US dollars for a million tokens such as { input: 15, output: 75 }'
const unpriced = z.union([z.literal('refuse'), z.literal('count nothing'), unpricedPrice], {
  error: UNPRICED,
})

const allowEntry = z.strictObject(
  { tenant: z.exactOptional(text()), region: z.exactOptional(text()), model: z.exactOptional(text()) },
  { error: 'an entry such as { tenant: team-a, region: eu-west-1, model: "anthropic.*" }' },
)

const SAMPLE = { tenantId: 't', bpmnProcessId: 'p' }
const roleArn = () =>
  text().refine((arn) => roleAccount(arn) !== null, {
    error: 'the ARN of an IAM role, such as arn:aws:iam::123456789012:role/bedrock',
  })
const sessionName = () =>
  textLike(/^[\w+=,.@-]{2,64}$/, 'a name of 2 to 64 letters, digits and _+=,.@-').exactOptional()

const roleRule = z.strictObject(
  {
    roleArn: roleArn(),
    externalId: z.exactOptional(
      textLike(/^[\w+=,.@:/-]{2,1224}$/, 'a text of 2 to 1224 letters, digits and _+=,.@:/-'),
    ),
    sessionName: sessionName(),
    sessionTags: z.exactOptional(
      z
        .record(z.string(), z.string({ error: 'a text' }), {
          error: 'texts by name, such as { tenant: "{tenant}" }',
        })
        .refine((tags) => Object.keys(tags).length <= 50, { error: 'an object of at most 50 tags' })
        .refine(
          (tags) => filledTags(tags, SAMPLE).every(([name, value]) => sessionTagFault(name, value) === null),
          {
            error: 'an object of tags with characters and lengths that AWS allows',
          },
        ),
    ),
  },
  { error: 'an object such as { roleArn: "arn:aws:iam::123456789012:role/bedrock" }' },
)

const webIdentityRule = z.strictObject(
  { roleArn: roleArn(), tokenFile: text(), sessionName: sessionName() },
  { error: 'an object with roleArn and tokenFile' },
)

const API_KEY =
  'an object such as { env: NAME_OF_A_VARIABLE } or { file: /path }; the key itself does not belong here'
const apiKeyRule = z
  .strictObject(
    {
      env: z.exactOptional(textLike(/^[A-Za-z_]\w{0,200}$/, 'the name of an environment variable')),
      file: z.exactOptional(text()),
      account: z.exactOptional(textLike(/^(\d{12}|default)$/, 'twelve digits of an AWS account, or default')),
    },
    { error: API_KEY },
  )
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), { error: API_KEY })

const SOURCES = ['role', 'profile', 'webIdentity', 'apiKey', 'own'] as const

const credentialEntry = z
  .strictObject(
    {
      tenant: z.exactOptional(text()),
      process: z.exactOptional(text()),
      region: z.exactOptional(text()),
      overTask: z.exactOptional(yesOrNo()),
      role: z.exactOptional(roleRule),
      profile: z.exactOptional(text()),
      webIdentity: z.exactOptional(webIdentityRule),
      apiKey: z.exactOptional(apiKeyRule),
      own: z.exactOptional(yesOrNo().refine((isOwn) => isOwn, { error: 'true' })),
    },
    {
      error:
        'an entry such as { tenant: team-a, role: { roleArn: "arn:aws:iam::123456789012:role/bedrock" } }',
    },
  )
  .refine((entry) => SOURCES.filter((source) => entry[source] !== undefined).length === 1, {
    error: `an entry with exactly one of ${SOURCES.join(', ')}`,
  })

const taskRoleEntry = z.strictObject(
  { tenant: z.exactOptional(text()), process: z.exactOptional(text()), role: text() },
  { error: 'an entry such as { tenant: team-a, role: "arn:aws:iam::123456789012:role/bedrock-*" }' },
)

const cachingEntry = z.strictObject(
  {
    region: z.exactOptional(text()),
    model: z.exactOptional(text()),
    tenant: z.exactOptional(text()),
    process: z.exactOptional(text()),
    ttl: z.exactOptional(choice(['5m', '1h'])),
    off: z.exactOptional(yesOrNo()),
  },
  { error: 'an entry such as { model: "*.anthropic.*" }' },
)

const streamingEntry = z.strictObject(
  {
    region: z.exactOptional(text()),
    model: z.exactOptional(text()),
    tenant: z.exactOptional(text()),
    process: z.exactOptional(text()),
    off: z.exactOptional(yesOrNo()),
  },
  { error: 'an entry such as { model: "*.anthropic.*" }' },
)

/** A list that may be missing or empty. */
function entries<Value>(list: z.ZodType<Value[]>) {
  return z.preprocess((value) => (value === undefined || value === '' ? [] : value), list)
}

const EXPECTED = 'a file with the lists quotas, weights, routes or budgets'

export const laneRulesSchema: z.ZodType<LaneRules> = z.preprocess(
  (value) => (value === '' ? {} : value),
  z.strictObject(
    {
      quotas: entries(z.array(quotaEntry, { error: 'a list of entries' })),
      weights: entries(z.array(weightEntry, { error: 'a list of entries' })),
      routes: entries(z.array(routeEntry, { error: 'a list of entries' })),
      budgets: entries(budgets),
      priorities: z.exactOptional(priorities),
      accounts: z.exactOptional(z.array(accountEntry, { error: 'a list of entries' })),
      profiles: z.exactOptional(z.array(profileEntry, { error: 'a list of entries' })),
      unpriced: z.exactOptional(unpriced),
      credentials: z.exactOptional(z.array(credentialEntry, { error: 'a list of entries' })),
      caching: z.exactOptional(z.array(cachingEntry, { error: 'a list of entries' })),
      streaming: z.exactOptional(z.array(streamingEntry, { error: 'a list of entries' })),
      taskRoles: z.exactOptional(z.array(taskRoleEntry, { error: 'a list of entries' })),
      allow: z.exactOptional(
        z.array(allowEntry, { error: 'a list of entries; write [] to allow nothing, or leave it out' }),
      ),
    },
    { error: EXPECTED },
  ),
)

/** The names allowed at each place of the file. A place is its path without numbers; the whole file is ''. */
export const LANE_RULE_NAMES: Readonly<Record<string, readonly string[]>> = {
  '': [
    'quotas',
    'weights',
    'routes',
    'budgets',
    'priorities',
    'accounts',
    'profiles',
    'unpriced',
    'credentials',
    'taskRoles',
    'caching',
    'streaming',
    'allow',
  ],
  quotas: Object.keys(quotaEntry.shape),
  weights: Object.keys(weightEntry.shape),
  routes: Object.keys(routeEntry.in.shape),
  'routes.to': Object.keys(routeTarget.shape),
  budgets: Object.keys(budgetEntry.in.shape),
  priorities: Object.keys(priorityEntry.shape),
  accounts: Object.keys(accountEntry.shape),
  profiles: Object.keys(profileEntry.shape),
  unpriced: Object.keys(unpricedPrice.shape),
  credentials: Object.keys(credentialEntry.shape),
  'credentials.role': Object.keys(roleRule.shape),
  'credentials.webIdentity': Object.keys(webIdentityRule.shape),
  'credentials.apiKey': Object.keys(apiKeyRule.shape),
  taskRoles: Object.keys(taskRoleEntry.shape),
  caching: Object.keys(cachingEntry.shape),
  streaming: Object.keys(streamingEntry.shape),
  allow: Object.keys(allowEntry.shape),
}
