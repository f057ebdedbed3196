// Reads the quotas of this account from AWS Service Quotas. Changes nothing.
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { type AwsWay, makeAwsHttp } from './aws-http.ts'
import { describeFailure } from './call-failure.ts'
import { makeCredentialChain } from './credential-chain.ts'

/** A quota that applies to the account. */
export interface ServiceQuota {
  readonly name: string
  readonly value: number
}

const LIMIT_MS = 20_000

/**
 * All quotas of Amazon Bedrock in one region. The SDK finds the credentials, and the endpoint if AWS_ENDPOINT_URL_SERVICE_QUOTAS is set.
 * @throws Error that says what to do.
 */
export async function readBedrockQuotas(region: string, way: AwsWay): Promise<readonly ServiceQuota[]> {
  const http = makeAwsHttp(way)
  const client = new ServiceQuotasClient({
    region,
    credentials: makeCredentialChain(http),
    requestHandler: http.within(LIMIT_MS),
  })
  const quotas: ServiceQuota[] = []
  try {
    for await (const page of paginateListServiceQuotas(
      { client, pageSize: 100 },
      { ServiceCode: 'bedrock' },
    )) {
      for (const { QuotaName: name, Value: value } of page.Quotas ?? []) {
        if (name !== undefined && value !== undefined) quotas.push({ name, value })
      }
    }
    return quotas
  } catch (error) {
    const { name, message, endpoint } = describeFailure(error)
    // The messages of our own connections are whole sentences.
    const reason = endpoint === undefined ? `${name}: ${message}` : message
    throw new Error(
      `AWS Service Quotas of ${region} cannot be read (${reason}). It takes AWS credentials that may servicequotas:ListServiceQuotas.`,
      { cause: error },
    )
  } finally {
    client.destroy()
    http.close()
  }
}
