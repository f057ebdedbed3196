// Which AWS account an access key belongs to.

/** The account of access keys without another one. */
const DEFAULT_ACCOUNT = '123456789012'

/** Access key id to account. */
export type AccountsByKey = Readonly<Record<string, string>>

/** The account of an access key. */
export function accountOf(accessKey: string, accounts: AccountsByKey = {}): string {
  return (Object.hasOwn(accounts, accessKey) ? accounts[accessKey] : undefined) ?? DEFAULT_ACCOUNT
}
