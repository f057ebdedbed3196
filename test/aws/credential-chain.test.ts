import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/aws/call-failure.ts'
import { lasting } from '../../src/aws/credential-chain.ts'

const keys = { accessKeyId: 'AKIAKNOWN', secretAccessKey: 'secret' }

function failing(error: unknown) {
  return lasting(() => Promise.reject(error))().then(
    () => expect.fail('no error'),
    (thrown: unknown) => describeFailure(thrown, false),
  )
}

describe('credentials that are not to be had', () => {
  it.each([
    [
      'STS refuses',
      Object.assign(new Error('not authorized'), { name: 'AccessDenied' }),
      'AccessDenied: not authorized',
    ],
    [
      'STS throttles',
      Object.assign(new Error('Rate exceeded'), {
        name: 'ThrottlingException',
        $metadata: { httpStatusCode: 400 },
      }),
      'ThrottlingException: Rate exceeded',
    ],
    [
      'IMDS is silent',
      Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }),
      'connect ETIMEDOUT',
    ],
    ['nothing is set', Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'none'],
    ['something odd is thrown', 'odd', 'odd'],
  ])('are told as that, with the reason: %s', async (_why, error, message) => {
    expect(await failing(error)).toEqual({ name: 'CredentialsProviderError', message, noCredentials: true })
  })

  it('are told without what a command was called with or printed', async () => {
    const failed = await failing(new Error('Command failed: get-keys --token hunter2\nhunter3'))
    expect(failed).toMatchObject({ noCredentials: true, message: expect.not.stringMatching(/hunter/) })
    const printed = await failing(new SyntaxError('Unexpected token \'A\', "AKIAHUNTER" is not valid JSON'))
    expect(printed).toMatchObject({ noCredentials: true, message: expect.not.stringMatching(/HUNTER/) })
  })
})

describe('credentials that cannot be renewed', () => {
  it('are used until they expire', async () => {
    const expiration = new Date(Date.now() + 60_000)
    let calls = 0
    const chain = lasting(async () => {
      calls += 1
      if (calls > 1) throw new Error('STS is away')
      return { ...keys, expiration }
    })
    expect(await chain()).toMatchObject(keys)
    expect(await chain()).toMatchObject(keys)
    expiration.setTime(Date.now() - 1)
    await expect(chain()).rejects.toThrow('STS is away')
  })
})
