// What AWS grants this account, from AWS Service Quotas. Reads only.
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { type AwsWay, makeAwsHttp } from './aws-http.ts'
import { describeFailure } from './call-failure.ts'
import { makeCredentialChain } from './credential-chain.ts'

/** A quota in force for the account. */
export interface ServiceQuota {
  readonly name: string
  readonly value: number
}

const LIMIT_MS = 20_000

/**
 * The quotas of Amazon Bedrock in one region, all pages of them. The SDK finds credentials and, where
 * AWS_ENDPOINT_URL_SERVICE_QUOTAS is set, the endpoint.
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
    // What our own connections say is a sentence.
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
