import { describe, expect, it } from 'vitest'
import { didYouMean } from '../../src/settings/nearest-name.ts'

const KNOWN = [
  'REDIS_URL',
  'QUARRY_REDIS_TLS',
  'LOG_LEVEL',
  'ZEEBE_ADDRESS',
  'QUARRY_DEFAULT_RPM',
  'QUARRY_REGIONS',
  'QUARRY_HOST',
  'AWS_ENDPOINT_URL_BEDROCK_RUNTIME',
]

describe('the name that somebody may have meant', () => {
  it.each([
    ['QUARRY_REDIS_URL', 'REDIS_URL'],
    ['QUARRY_LOG_LEVEL', 'LOG_LEVEL'],
    ['QUARRY_ZEEBE_ADDRESS', 'ZEEBE_ADDRESS'],
    ['QUARRY_RPM', 'QUARRY_DEFAULT_RPM'],
    ['QUARRY_REGION', 'QUARRY_REGIONS'],
    ['QUARRY_REDIS_TSL', 'QUARRY_REDIS_TLS'],
    ['QUARRY_BEDROCK_ENDPOINT', 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME'],
  ])('%s is %s', (given, meant) => {
    expect(didYouMean(given, KNOWN)).toBe(` Did you mean ${meant}?`)
  })

  it.each(['QUARRY_FOO', 'QUARRY_', 'QUARRY_COLOUR_OF_THE_SKY'])('%s is none', (given) => {
    expect(didYouMean(given, KNOWN)).toBe('')
  })
})
