// Where the value of a setting came from, for `quarry config` and for messages. Pure.

/** Variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where a value came from. */
export type SettingSource =
  | { readonly kind: 'unset' }
  | { readonly kind: 'default' }
  /** With `path` when a file held the value. */
  | { readonly kind: 'environment'; readonly name: string; readonly path?: string }
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  /** Derived from other settings. */
  | { readonly kind: 'derived'; readonly because: string }

/** The source in words: `environment REDIS_URL`, `file quarry.yaml`. */
export function describeSource(source: SettingSource): string {
  switch (source.kind) {
    case 'unset':
      return 'not set'
    case 'default':
      return 'default'
    case 'environment':
      return `environment ${source.name}${source.path === undefined ? '' : ` in ${source.path}`}`
    case 'flag':
      return `flag --${source.name}`
    case 'file':
      return `file ${source.path}`
    case 'derived':
      return source.because
  }
}
