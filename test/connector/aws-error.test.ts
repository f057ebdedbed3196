import { describe, expect, test } from 'vitest'
import { awsError } from '../../src/connector/aws-error.ts'
import type { CallFailure, ConnectStep } from '../../src/job/call-failure.ts'

const CLIENT = 'software.amazon.awssdk.core.exception.SdkClientException'
const MODEL = 'software.amazon.awssdk.services.bedrockruntime.model'

function service(name: string, status: number, message = 'text'): CallFailure {
  return { name, status, message, requestId: 'id' }
}

const network = (kind: NonNullable<CallFailure['network']>, message = 'm'): CallFailure => ({
  name: 'Error',
  message,
  network: kind,
})
const unreadable = (status: number, message: string, body?: string): CallFailure => ({
  name: 'SyntaxError',
  message,
  status,
  unreadable: true,
  ...(body === undefined ? {} : { body }),
})

describe('an error of AWS', () => {
  test.each([
    ['ThrottlingException', 429, `${MODEL}.ThrottlingException`],
    ['ConflictException', 400, `${MODEL}.ConflictException`],
    ['com.amazon.bedrock#ValidationException:http://x', 400, `${MODEL}.ValidationException`],
    ['UnrecognizedClientException', 403, `${MODEL}.BedrockRuntimeException`],
    ['ExpiredTokenException', 403, `${MODEL}.BedrockRuntimeException`],
  ])('named %s is of type %3$s', (name, status, type) => {
    expect(awsError(service(name, status), 2)).toMatchObject({
      type,
      message: `text (Service: BedrockRuntime, Status Code: ${status}, Request ID: id) (SDK Attempt Count: 2)`,
      input: false,
    })
  })

  test.each([
    unreadable(503, 'Unexpected token'),
    { name: 'UnknownError', message: 'UnknownError', status: 503 },
    { name: 'Error', message: '', status: 503 },
  ])('without a text is described by its status: case %#', (failure) => {
    expect(awsError(failure, 4)).toMatchObject({
      type: `${MODEL}.BedrockRuntimeException`,
      message:
        'Service returned HTTP status code 503 (Service: BedrockRuntime, Status Code: 503, Request ID: null) (SDK Attempt Count: 4)',
      input: false,
    })
  })
})

describe('a failure without an answer', () => {
  const unable = (reason: string): string =>
    `Unable to execute HTTP request: ${reason} (SDK Attempt Count: 4)`
  test.each([
    [network('reset'), unable('The target server failed to respond')],
    [network('timeout'), unable('Read timed out')],
    [network('refused', 'refused'), unable('Connection refused')],
    [network('other', 'certificate has expired'), unable('certificate has expired')],
    [{ name: 'Error', message: 'what' }, unable('what')],
    [
      network('unknownHost'),
      /^Received an UnknownHostException when attempting to interact with a service\./,
    ],
    [
      { name: 'E', message: 'why', noCredentials: true },
      /^Unable to load credentials from any .* : \[why\]$/,
    ],
  ])('case %#', (failure: CallFailure, message) => {
    const error = awsError(failure, 4)
    expect(error.type).toBe(CLIENT)
    expect(error.message).toMatch(
      typeof message === 'string' ? new RegExp(`^${RegExp.escape(message)}$`) : message,
    )
  })

  const connecting = (kind: NonNullable<CallFailure['network']>, connect: ConnectStep): CallFailure => ({
    ...network(kind, 'What, and where to look.'),
    ...{ connect, endpoint: '127.0.0.1:4566' },
  })
  test.each([
    [
      connecting('refused', 'tcp'),
      `${unable('Connect to 127.0.0.1:4566 [/127.0.0.1] failed: Connection refused')}. What, and where to look.`,
    ],
    [
      connecting('timeout', 'tcp'),
      `${unable('Connect to 127.0.0.1:4566 [/127.0.0.1] failed: Connect timed out')}. What, and where to look.`,
    ],
    [connecting('refused', 'proxy'), unable('What, and where to look.')],
    [connecting('timeout', 'tls'), unable('What, and where to look.')],
    [connecting('reset', 'tls'), unable('What, and where to look.')],
    [connecting('other', 'tls'), unable('What, and where to look.')],
    [connecting('unknownHost', 'lookup'), /^Received an UnknownHostException .* What, and where to look\.$/],
  ])('to connect names the failed step in words: case %#', (failure: CallFailure, message) => {
    const said = awsError(failure, 4).message
    expect(said).toMatch(typeof message === 'string' ? new RegExp(`^${RegExp.escape(message)}$`) : message)
  })

  test('after our own time limit is a call timeout', () => {
    expect(awsError({ name: 'TimeoutError', message: '', timedOutAfterMs: 180_000 }, 1)).toMatchObject({
      type: 'software.amazon.awssdk.core.exception.ApiCallTimeoutException',
      message: 'Client execution did not complete before the specified timeout configuration: 180000 millis',
      input: false,
    })
  })

  const jackson = 'software.amazon.awssdk.thirdparty.jackson.core'
  const at = (column: number): string =>
    `\n at [Source: (software.amazon.awssdk.http.AbortableInputStream); line: 1, column: ${column}])`
  const odd = `${jackson}.JsonParseException: Unexpected character ('<' (code 60)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`
  test.each([
    [unreadable(200, 'x', '<html>'), `${odd}${at(1)}`],
    [unreadable(200, 'Unexpected token \'<\', "<html>" is not valid JSON'), `${odd}${at(1)}`],
    [
      unreadable(200, 'x', '{"output":'),
      `${jackson}.io.JsonEOFException: Unexpected end-of-input within/between Object entries${at(11)}`,
    ],
  ])('but with an unreadable answer gives the first fault: case %#', (failure, reason) => {
    expect(awsError(failure, 4).message).toBe(
      `Unable to unmarshall response (${reason}. Response Code: 200, Response Text: OK (SDK Attempt Count: 4)`,
    )
  })
})
