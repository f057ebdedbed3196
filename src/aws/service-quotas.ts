// What AWS grants this account, from AWS Service Quotas. Reads only.
import { Agent } from 'node:https'
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { trusting } from './trust.ts'

/** A quota in force for the account. */
export interface ServiceQuota {
  readonly name: string
  readonly value: number
}

const TIMES_MS = { connectionTimeout: 5_000, requestTimeout: 20_000 }

/**
 * The quotas of Amazon Bedrock in one region, all pages of them. The SDK finds credentials and, where
 * AWS_ENDPOINT_URL_SERVICE_QUOTAS is set, the endpoint.
 * @param caBundle a PEM file with certificates to trust besides the usual ones (`AWS_CA_BUNDLE`).
 * @throws Error that says what to do.
 */
export async function readBedrockQuotas(
  region: string,
  caBundle: string | undefined,
): Promise<readonly ServiceQuota[]> {
  const client = new ServiceQuotasClient({
    region,
    requestHandler: new NodeHttpHandler({ ...TIMES_MS, httpsAgent: new Agent(trusting(caBundle)) }),
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
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    throw new Error(
      `AWS Service Quotas of ${region} cannot be read (${name}: ${message}). It takes AWS credentials that may servicequotas:ListServiceQuotas.`,
      { cause: error },
    )
  } finally {
    client.destroy()
  }
}
