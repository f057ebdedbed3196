import { describe, expect, test } from 'vitest'
import { type Choice, choose } from '../../embedded/choose.ts'
import { PartUnavailableError } from '../../embedded/part-unavailable.ts'

const NEEDS = { jdk: 'a JDK' }

function choice(given: Partial<Choice<typeof NEEDS>>): Choice<typeof NEEDS> {
  return {
    part: 'Zeebe',
    addressNames: ['ZEEBE_GRPC_ADDRESS', 'ZEEBE_ADDRESS'],
    env: {},
    embedded: async () => 'there is no Java',
    docker: async () => 'its daemon does not answer',
    ...given,
  }
}

const unasked = () => Promise.reject(new Error('was asked'))
const embedded = async () => NEEDS
const docker = async () => true as const

describe('choosing the way to a part', () => {
  test('an address in the environment wins without a search', async () => {
    const env = { ZEEBE_ADDRESS: 'old:1', ZEEBE_GRPC_ADDRESS: 'grpc://new:2', QUARRY_PARTS: 'docker' }
    const way = await choose(choice({ env, embedded: unasked, docker: unasked }))
    expect(way).toEqual({ origin: 'address', address: 'grpc://new:2' })
  })

  test('an empty address counts as unset', async () => {
    const env = { ZEEBE_ADDRESS: 'old:1', ZEEBE_GRPC_ADDRESS: '' }
    expect(await choose(choice({ env }))).toEqual({ origin: 'address', address: 'old:1' })
  })

  test('the embedded part is preferred to Docker, and Docker is not asked', async () => {
    expect(await choose(choice({ embedded, docker: unasked }))).toEqual({ origin: 'embedded', needs: NEEDS })
  })

  test('Docker is used if the embedded part cannot run', async () => {
    expect(await choose(choice({ docker }))).toEqual({ origin: 'docker' })
  })

  test('QUARRY_PARTS excludes the other way', async () => {
    const toDocker = choice({ env: { QUARRY_PARTS: 'docker' }, embedded: unasked, docker })
    expect(await choose(toDocker)).toEqual({ origin: 'docker' })
    const toEmbedded = choice({ env: { QUARRY_PARTS: 'embedded' }, docker: unasked })
    await expect(choose(toEmbedded)).rejects.toThrow('QUARRY_PARTS=embedded')
  })

  test('another value of QUARRY_PARTS is named with those that are allowed', async () => {
    const misspelt = choose(choice({ env: { QUARRY_PARTS: 'podman' } }))
    await expect(misspelt).rejects.toThrow(/"podman".*"embedded" or "docker"/)
  })

  test('without any way, the error gives what was missing and names the three ways', async () => {
    const error = await choose(choice({})).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PartUnavailableError)
    expect(String(error)).toMatch(/Zeebe.*\n.*there is no Java\n.*daemon does not answer\n/)
    expect(String(error)).toMatch(/1\. .*JDK 21.*Maven.*\n.*2\. .*Docker.*\n.*3\. .*ZEEBE_GRPC_ADDRESS/)
  })
})
