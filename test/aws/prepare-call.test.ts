// What the SDK does after an answer, for calls that are sent after its middlewares have returned.
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import { expect, it } from 'vitest'
import { callBedrock } from '../../src/aws/call-bedrock.ts'

const HOUR_MS = 3_600_000

function clientThat(answers: { readonly status: number; readonly body: string; readonly date?: string }) {
  const sent: HttpRequest[] = []
  const client = new BedrockRuntimeClient({
    region: 'eu-west-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIAKNOWN', secretAccessKey: 'secret' },
    requestHandler: {
      async handle(request: HttpRequest) {
        sent.push(request)
        const headers: Record<string, string> = { 'content-type': 'application/json' }
        if (answers.date !== undefined) headers['date'] = answers.date
        const { status: statusCode, body } = answers
        return { response: new HttpResponse({ statusCode, headers, body: Buffer.from(body) }) }
      },
    },
  })
  const call = () => {
    const request = { target: { operation: 'converse', modelId: 'm' }, body: '{}' } as const
    return callBedrock(client, request, { timeoutMs: 30_000, signal: new AbortController().signal })
  }
  return { call, sent }
}

function signedAtMs({ headers }: HttpRequest): number {
  const [, year, month, day, hour, minute, second] =
    /^(....)(..)(..)T(..)(..)(..)Z$/.exec(headers['x-amz-date'] ?? '') ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

const ANSWER = '{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}}}'

it.each([
  ['an answer', 200, ANSWER],
  ['an error', 400, '{"message":"Too long","__type":"ValidationException"}'],
])('%s whose clock differs corrects the time that the next call is signed for', async (_, status, body) => {
  const date = new Date(Date.now() + HOUR_MS).toUTCString()
  const { call, sent } = clientThat({ status, body, date })
  await call()
  await call()
  const [first, second] = sent.map(signedAtMs)
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(HOUR_MS / 2)
})
