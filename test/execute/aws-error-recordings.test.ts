// Answers of Bedrock that are none, over HTTP, and what the AWS SDK for Java makes of them: class, message, and whether
// it sends again.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BedrockClients, makeBedrockClients } from '../../src/aws/bedrock-clients.ts'
import { STOCK_OPTIONS } from '../../src/bedrock/call-options.ts'
import { awsError } from '../../src/connector/aws-error.ts'
import type { BedrockRequest } from '../../src/connector/bedrock-request.ts'
import { resendRule } from '../../src/connector/resend.ts'
import { makeBedrockCaller } from '../../src/execute/bedrock-caller.ts'

interface RecordedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly action: 'converse' | 'invoke'
  readonly requestId?: false
  /** The connection ends before the answer, or in the middle of it. */
  readonly cut?: 'before' | 'half'
  readonly type: string
  readonly message: string
}

const file = new URL('./recordings/aws-errors.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly RecordedAnswer[] }
const REQUEST_ID = { 'x-amzn-requestid': '00000000-0000-0000-0000-000000000001' }

let server: Server
let clients: BedrockClients

beforeAll(async () => {
  server = createServer((request, response) => {
    const recorded = cases[Number(/m(\d+)/.exec(request.url ?? '')?.[1])]
    if (recorded === undefined || recorded.cut === 'before') return request.socket.destroy()
    const { status, headers, body, requestId, cut } = recorded
    response.writeHead(status, { ...(requestId === false ? {} : REQUEST_ID), ...headers })
    if (cut === undefined) return response.end(body)
    response.write(body.slice(0, body.length / 2), () => setImmediate(() => request.socket.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  clients = makeBedrockClients({ endpoint })
})
afterAll(async () => {
  clients?.close()
  if (server !== undefined) await new Promise((resolve) => server.close(resolve))
})

function requestOf(modelId: string, action: RecordedAnswer['action']): BedrockRequest {
  const prompt = '{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{}}'
  return {
    credentials: { kind: 'static', accessKey: 'AKIATESTKEY', secretKey: 's' },
    region: 'us-east-1',
    size: { characters: 0, images: 0, documentBytes: 0, maxTokens: null },
    call:
      action === 'invoke'
        ? { action: 'invokeModel', modelId, body: '{}', headers: {}, options: STOCK_OPTIONS }
        : { action, modelId, body: prompt, messages: [], options: STOCK_OPTIONS },
  }
}

describe('an answer that is an error to the Java connector', () => {
  test('comes in many forms', () => expect(cases.length).toBeGreaterThan(100))

  test.each(cases.map((recorded, index) => [index, recorded] as const))(
    'is the same to Quarry: %i',
    async (index, { action, type, message }) => {
      const limits = { timeoutMs: 60_000, signal: new AbortController().signal }
      const answer = await makeBedrockCaller(clients)(requestOf(`m${index}`, action), limits)
      expect(answer.kind).toBe('failure')
      if (answer.kind !== 'failure') return
      const { failure } = answer
      expect(awsError(failure, resendRule(failure, 'fail') === 'final' ? 1 : 4)).toMatchObject({
        type,
        message,
      })
    },
  )
})
