// Temporary credentials that the stand-in has issued: of assumed roles, Pod Identity and SSO. Their signatures and tokens are verified.
import { createHash, randomBytes } from 'node:crypto'

/** How temporary credentials were got. */
export interface Grant {
  /** Such as `AssumeRole`. */
  action: string
  roleArn: string
  sessionName: string
  externalId?: string | undefined
  /** Session tags. */
  tags?: Readonly<Record<string, string>> | undefined
  /** The access key that asked, where the request was signed. */
  by?: string | undefined
  /** Ms since the epoch. */
  expiresAt: number
}

/** Temporary credentials, and how they were got. */
export interface Issued extends Grant {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  account: string
}

/** All credentials that were issued since the start. A reset keeps them: callers hold them for long. */
export class IssuedCredentials {
  readonly #byKey = new Map<string, Issued>()

  /** Issues credentials for a role. */
  issue(grant: Grant): Issued {
    const number = String(this.#byKey.size + 1).padStart(6, '0')
    const issued: Issued = {
      ...grant,
      account: accountOfRole(grant.roleArn),
      accessKeyId: `ASIASIM${number}`,
      secretAccessKey: randomBytes(20).toString('hex'),
      sessionToken: randomBytes(32).toString('base64'),
    }
    this.#byKey.set(issued.accessKeyId, issued)
    return issued
  }

  /** The credentials with this access key. */
  find(accessKey: string): Issued | undefined {
    return this.#byKey.get(accessKey)
  }

  /** What was issued, in order, without secrets. */
  list(): Omit<Issued, 'secretAccessKey' | 'sessionToken'>[] {
    return Array.from(this.#byKey.values(), ({ secretAccessKey: _, sessionToken: __, ...rest }) => rest)
  }
}

/** The account of a role's ARN. */
export function accountOfRole(roleArn: string): string {
  return roleArn.split(':')[4] ?? ''
}

/** The ARN and the user id of a session of a role. */
export function sessionOf({ roleArn, sessionName, account }: Issued): { arn: string; userId: string } {
  const role = roleArn.split('/').at(-1) ?? ''
  const roleId = `AROA${createHash('sha256').update(roleArn).digest('hex').slice(0, 16).toUpperCase()}`
  return {
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${sessionName}`,
    userId: `${roleId}:${sessionName}`,
  }
}
