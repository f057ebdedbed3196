// Every command with its flags, for the parser, the help and shell completion alike. Static: imports nothing that takes time
// to load.
import type { FlagKinds } from './parse-flags.ts'

/** A command as a person may type it. */
export interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string
  /** Words that may follow it: it does nothing without one. */
  readonly verbs?: readonly string[]
  /** Besides `--help`. */
  readonly flags: FlagKinds
}

/** Flags of the commands that run roles. */
const SETTINGS_FLAGS = { config: 'text', roles: 'text', regions: 'text', port: 'text' } as const
/** Flags of the commands that take lanes. */
const LANE_FLAGS = {
  account: 'text',
  region: 'text',
  model: 'text',
  all: 'switch',
  json: 'switch',
  config: 'text',
} as const
/** Flags of the commands that look. */
const LOOK_FLAGS = { json: 'switch', config: 'text' } as const

/** In the order of the list that `quarry --help` shows. */
export const COMMAND_TABLE = {
  start: {
    summary: 'take jobs from Zeebe and call Bedrock; the production command',
    flags: SETTINGS_FLAGS,
  },
  demo: {
    summary: 'see it work on this machine, with nothing to set up',
    flags: { instances: 'text', json: 'switch', keep: 'switch', aws: 'switch', yes: 'switch' },
  },
  sim: {
    summary: 'a stand-in for Bedrock that enforces quotas, for load tests',
    flags: {
      port: 'text',
      'tls-port': 'text',
      host: 'text',
      rpm: 'text',
      tpm: 'text',
      latency: 'text',
      settings: 'text',
      credentials: 'text',
      seed: 'text',
    },
  },
  config: {
    summary: 'show every setting, its value and where it came from',
    flags: { ...SETTINGS_FLAGS, json: 'switch' },
  },
  doctor: {
    summary: 'check what Quarry needs, and say what to do',
    flags: { model: 'text', region: 'text', json: 'switch', config: 'text', roles: 'text' },
  },
  lanes: { summary: 'show the lanes, their jobs, pace and quota', flags: LOOK_FLAGS },
  jobs: {
    summary: 'show where a job is and why it waits',
    verbs: ['show', 'list'],
    flags: { limit: 'text', ...LOOK_FLAGS },
  },
  retry: { summary: 'try a job that is put off, or that failed, again', flags: LOOK_FLAGS },
  pace: {
    summary: 'change the quota of lanes while Quarry runs',
    verbs: ['set'],
    flags: { ...LANE_FLAGS, rpm: 'text', tpm: 'text', concurrency: 'text' },
  },
  pause: { summary: 'stop sending from lanes', flags: LANE_FLAGS },
  drain: { summary: 'put no more jobs into lanes', flags: LANE_FLAGS },
  resume: { summary: 'end both', flags: LANE_FLAGS },
  quota: {
    summary: 'read quotas from AWS into a file of lane rules',
    verbs: ['import'],
    flags: { region: 'text', out: 'text', config: 'text' },
  },
  dashboard: {
    summary: 'make the hash of a password for the dashboard',
    verbs: ['hash'],
    flags: {},
  },
  completion: {
    summary: 'print a script by which a shell completes these commands',
    verbs: ['bash', 'zsh', 'fish'],
    flags: {},
  },
  help: { summary: 'this text, or that of a command: quarry help start', flags: {} },
} as const satisfies Record<string, CommandEntry>

export type CommandName = keyof typeof COMMAND_TABLE

/** The table by name. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>(
  Object.entries(COMMAND_TABLE),
)
