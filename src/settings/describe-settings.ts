// The rows of `quarry config` and the page docs/settings.md. Pure; secrets are masked.
import { formatDuration } from '../job/duration.ts'
import { type ListedSetting, listSettings } from './list-settings.ts'
import type { SettingSources } from './load-settings.ts'
import { maskValue } from './setting.ts'
import { FIRST, SECTIONS, sectionsOf } from './setting-sections.ts'
import { describeSource } from './setting-source.ts'
import type { Settings } from './settings.ts'

/** One line of `quarry config`. */
export interface SettingRow {
  /** Place in the file: `redis.url`. */
  readonly name: string
  /** As written, masked when it is secret; empty when unset. */
  readonly value: string
  /** `default`, `not set`, `environment NAME`, `flag --NAME` or `file PATH`. */
  readonly source: string
  /** Where a person finds what the value does not say. */
  readonly hint?: string
}

/** The effective settings, one row each, in the order of the schema. */
export function describeSettings(settings: Settings, sources: SettingSources): readonly SettingRow[] {
  return listSettings().map((setting) => ({
    name: setting.name,
    value: writeValue(setting, valueAt(settings, setting.path)),
    source: describeSource(sources.get(setting.name) ?? { kind: 'unset' }),
    ...hint(setting, settings),
  }))
}

/** Redis and the gateway decide `auto`, which a command that only reads settings does not ask. */
function hint({ name }: ListedSetting, { compatibility }: Settings): Pick<SettingRow, 'hint'> {
  const isOpen = name === 'compatibility' && compatibility === 'auto'
  return isOpen ? { hint: 'quarry doctor shows the line in force' } : {}
}

/** The page docs/settings.md, whole. */
export function settingsPage(): string {
  const all = listSettings()
  const first = FIRST.flatMap((name) => all.filter((setting) => setting.name === name))
  const sections = SECTIONS.map((section) => {
    const own = all.filter(({ name }) => sectionsOf(name).includes(section))
    return `## ${section.title}\n\n${section.about}\n\n${tableOf(own)}`
  })
  return [INTRODUCTION, `## The first ten\n\n${FIRST_ABOUT}\n\n${tableOf(first)}`, ...sections].join('\n')
}

const FIRST_ABOUT =
  'Most installations set no more than these. Credentials of Camunda depend on the strategy ([Camunda](#camunda)).'

function tableOf(settings: readonly ListedSetting[]): string {
  return `| In the file | Environment, flag | Default | Meaning |
| --- | --- | --- | --- |
${settings.map(rowOf).join('\n')}
`
}

function rowOf({ name, facts }: ListedSetting): string {
  const environment = facts.environment.map((variable) => `\`${variable}\``).join('<br>')
  const flag = facts.flag === undefined ? '' : `<br>\`--${facts.flag}\``
  const fallback = facts.default === undefined || facts.default === '' ? '' : `\`${facts.default}\``
  const secret = facts.secret === 'whole' ? ' Secret.' : ''
  const example = `For example \`${facts.example}\`.`
  return `| \`${name}\` | ${environment}${flag} | ${fallback} | ${facts.doc}${secret} ${example} |`
}

/** The settings file that the page shows. */
export const EXAMPLE_FILE = `zeebe:
  grpcAddress: grpcs://zeebe.example.com:443
redis:
  url: rediss://redis.example.com:6379
regions: [us-east-1, eu-central-1]
lease: PT5M
quotas:
  - { region: us-east-1, model: "anthropic.*", requestsPerMinute: 600, tokensPerMinute: 200000 }
  - { model: "*", requestsPerMinute: 100 }
`

const INTRODUCTION = `<!-- Made by \`npm run docs\` from src/settings/settings.ts: change it there. -->
# Settings

Settings come from the environment and, with \`--config FILE\`, from a YAML file. A flag wins over the environment, the
environment over the file, the file over the default. \`quarry config\` shows every value and where it came from.

- Where a setting has several environment variables, the first that is set counts. An empty one counts as unset.
- Of each variable whose value is secret, in whole or in part (a URL with a password), \`NAME_FILE\` names a file that holds it:
  \`REDIS_URL_FILE\`, \`CAMUNDA_CLIENT_SECRET_FILE\`, \`OTEL_EXPORTER_OTLP_HEADERS_FILE\`. Set one of the two.
- \`QUARRY_ENV_DIR\` names a directory whose files are variables: the name of a file is that of a variable, its content the value.
  So mounted Secrets need not be in the environment. A variable that is set itself wins. Connector secrets are read from
  the environment, or from \`QUARRY_SECRETS_DIR\`, and the AWS SDK reads the environment.
- Durations are ISO-8601 (\`PT0.5S\`, \`PT5M\`, \`P1D\`; no weeks, months or years). Numbers are whole.
- Lists are written with commas between the values, in the file as YAML lists too.
- An unknown \`QUARRY_\` variable, or an unknown name in the file, is an error. Only the demo and the tests read \`QUARRY_CACHE\`
  and \`QUARRY_PARTS\`. A variable of the connector runtime that has an effect there and none here is a
  warning ([the list](compatibility.md#environment-switches)), and so is a misspelt name, such as \`ZEEBE_GRPC_ADRESS\`.
- The variables of Camunda's connector runtime are read in its other spellings too (\`CAMUNDA_CLIENT_AUTH_CLIENT_ID\`), by
  their older names (\`ZEEBE_CLIENT_CLOUD_CLIENTID\`), and as \`NAME_0\`, \`NAME_1\` where the connector runtime reads lists so.

\`\`\`yaml
${EXAMPLE_FILE}\`\`\`
`

function writeValue({ path, facts }: ListedSetting, value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'number' && path.at(-1)?.endsWith('Ms')) return formatDuration(value)
  if (Array.isArray(value) && value.every((element) => typeof element === 'string')) {
    return value.map((element) => maskValue(facts, element)).join(', ')
  }
  return maskValue(facts, typeof value === 'string' ? value : JSON.stringify(value))
}

function valueAt(settings: Settings, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined,
    settings,
  )
}
