// The sections of docs/settings.md: by what settings are for. Pure data. A test holds that each setting is in one section.

export interface SettingSection {
  readonly title: string
  readonly about: string
  /** Names in the file; one that ends with a dot stands for all that begin so. */
  readonly names: readonly string[]
}

/** What most installations set, in the order in which one meets them. */
export const FIRST: readonly string[] = [
  ...['zeebe.grpcAddress', 'zeebe.restAddress', 'zeebe.auth.strategy', 'redis.url', 'payloadKey'],
  ...['roles', 'quota.defaultRequestsPerMinute', 'lanesFile', 'maxWait', 'dashboard.users'],
]

export const SECTIONS: readonly SettingSection[] = [
  {
    title: 'Camunda',
    about: 'Where Camunda is, how Quarry signs in, and whose jobs it takes.',
    names: ['zeebe.', 'saas', 'jobType', 'templateV1', 'compatibility'],
  },
  {
    title: 'Redis',
    about:
      'Where Redis is: one server, a Cluster, or Sentinels. [redis.md](redis.md) says which Redis is fit.',
    names: ['redis.'],
  },
  {
    title: 'AWS and calls',
    about: 'How Bedrock is reached, how long a call may take, and what follows from an error.',
    names: ['aws.', 'onOutage', 'maxSends', 'requestMetadata', 'endpointAllow'],
  },
  {
    title: 'Lanes and quotas',
    about: 'What AWS grants, and how much runs at a time. [lanes.md](lanes.md) describes the lanes file.',
    names: ['lanesFile', 'quota.', 'quotas', 'laneConcurrency', 'maxLanes'],
  },
  {
    title: 'Waiting',
    about: 'How long jobs may wait, how many of them, and how long Quarry keeps what they came to.',
    names: [
      ...['lease', 'maxWait', 'readTimeout', 'maxStarts', 'jobHistory'],
      ...['maxBacklog', 'maxBacklogBytes', 'maxLaneBacklog', 'maxTenantShare'],
    ],
  },
  {
    title: 'Processes',
    about: 'What a process does, how it stops, and where it serves health and metrics.',
    names: ['roles', 'regions', 'shutdownGrace', 'server.'],
  },
  {
    title: 'Dashboard',
    about: 'Who may see the [dashboard](dashboard.md), and who may change lanes.',
    names: ['dashboard.'],
  },
  {
    title: 'Encryption',
    about: 'How prompts and answers lie in Redis, and which connections may be unencrypted.',
    names: ['payloadKey', 'payloadKeyFile', 'payloadPlaintext', 'payloadOldFormat', 'allowPlaintext'],
  },
  {
    title: 'Connector secrets',
    about: 'Where the values of `{{secrets.NAME}}` come from, and which tasks may use them.',
    names: ['secrets.'],
  },
  {
    title: 'Documents',
    about: 'Documents that tasks send to models: from where, how large, and by which proxy.',
    names: ['documents.', 'documentProxy.'],
  },
  { title: 'Expressions', about: 'Limits of result and error expressions.', names: ['feel.'] },
  {
    title: 'Log and traces',
    about: 'What is logged, and where [traces](tracing.md) go.',
    names: ['log.', 'tracing.'],
  },
]

/** The sections that a setting is in: one, unless a section is wrong. */
export function sectionsOf(name: string): readonly SettingSection[] {
  return SECTIONS.filter(({ names }) =>
    names.some((each) => (each.endsWith('.') ? name.startsWith(each) : name === each)),
  )
}
