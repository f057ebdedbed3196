// The check of `quarry doctor` of the credentials that the lanes file names: each is fetched as for a call, and nothing is sent to Bedrock.
import { makeAwsHttp } from '../aws/aws-http.ts'
import { describeFailure } from '../aws/call-failure.ts'
import { type CredentialSources, makeCredentialSources } from '../aws/credential-sources.ts'
import { skipped, type Verdict } from '../doctor/finding.ts'
import { judgeRuledCredential } from '../doctor/judge-aws.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { type Credential, isApiKey } from '../job/credential.ts'
import { credentialOf } from '../rules/credential-rules.ts'
import type { CredentialRule } from '../rules/lane-rules.ts'
import { loadLaneRules } from '../settings/lane-rules-file.ts'
import type { Settings } from '../settings/settings.ts'
import { untilAborted } from '../time/bounded-wait.ts'

const LIMIT_MS = 8_000

export async function credentialChecks(
  { aws, lanesFile }: Settings,
  region: string,
): Promise<readonly Verdict[]> {
  const rules = rulesOf(lanesFile)
  if (rules.length === 0) return [skipped('The lanes file names no credentials for tenants or processes.')]
  const http = makeAwsHttp(aws)
  try {
    const sources = makeCredentialSources(http, aws)
    return await Promise.all(
      rules.map(async (rule, index) => {
        const owner = { tenantId: plain(rule.tenant), bpmnProcessId: plain(rule.process) }
        const credential = credentialOf(rule, owner)
        const failure = await failureOf(sources, credential, region)
        return judgeRuledCredential({ place: `credentials[${index}]`, credential, failure })
      }),
    )
  } finally {
    http.close()
  }
}

/** The check `lanes` reports a file that is wrong. */
function rulesOf(path: string | undefined): readonly CredentialRule[] {
  try {
    return path === undefined ? [] : (loadLaneRules(path).rules.credentials ?? [])
  } catch {
    return []
  }
}

/** A name that a pattern may match: session tags need one. */
function plain(pattern = 'doctor'): string {
  return pattern.replaceAll('*', 'x')
}

async function failureOf(
  sources: CredentialSources,
  credential: Credential,
  region: string,
): Promise<CallFailure | null> {
  try {
    const fetching = isApiKey(credential)
      ? sources.token(credential)()
      : sources.identity(credential, region)()
    await untilAborted<unknown>(fetching, AbortSignal.timeout(LIMIT_MS))
    return null
  } catch (error) {
    return describeFailure(error, false)
  }
}
