// What a budget that is used up means for instances, and what calls put on its account.
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { afterEach, expect, inject, it } from 'vitest'
import { runToItsEnd } from './ended-instance.ts'
import { makeLanesFile } from './lanes-file.ts'
import { callsOf } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

const toStop: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop()
})

async function quarryWith(budget: string, rules = ''): Promise<{ quarry: QuarryUnderTest; file: string }> {
  const { path, remove } = await makeLanesFile(`budgets:\n  - ${budget}\n${rules}`)
  const quarry = await startQuarry({ QUARRY_LANES_FILE: path })
  toStop.push(quarry.stop, remove)
  return { quarry, file: path }
}

/** The numbers that Redis holds of the budgets of a Quarry. */
async function spent({ prefix }: QuarryUnderTest): Promise<readonly number[]> {
  const redis = new Redis(inject('redisUrl'))
  try {
    const keys = (await redis.keys(`${prefix}:{budget:*`)).filter((key) => !key.endsWith(':holds'))
    return await Promise.all(keys.map(async (key) => Number(await redis.hget(key, 'spent'))))
  } finally {
    await redis.quit()
  }
}

/** A model whose answers take 100 tokens in and 50 out. */
const model = () => `usage-100-50@${randomUUID()}`

it('a used-up budget ends jobs with an error that the diagram catches, once its calls are paid', async () => {
  const { quarry } = await quarryWith('{ name: tight, period: month, tokens: 150, action: fail }')
  const process = await quarry.deploy({
    inputs: converseInputs(model()),
    headers: { resultVariable: 'answer' },
    boundary: [{ code: 'QUARRY_BUDGET_EXCEEDED' }],
  })
  expect(await quarry.run(process)).toHaveProperty('answer')
  await expect.poll(() => spent(quarry)).toEqual([150])
  const { records: ended } = await runToItsEnd(quarry, process)
  expect(ended.filter(({ valueType }) => valueType === 'INCIDENT')).toEqual([])
  const thrown = ended.find(({ valueType, intent }) => valueType === 'JOB' && intent === 'ERROR_THROWN')
  expect(thrown?.value['errorMessage']).toContain('The budget tight is used up: 150 tokens of 150 tokens')
})

it('a used-up budget makes jobs wait without an attempt until there is something left', async () => {
  const { quarry, file } = await quarryWith('{ name: tight, period: month, tokens: 150, action: wait }')
  const process = await quarry.deploy({
    inputs: converseInputs(model()),
    headers: { resultVariable: 'answer' },
  })
  await quarry.run(process)
  const waits = new Promise<void>((resolve) => {
    quarry.process.events.on('deferred', ({ reason }) => {
      if (reason === 'budget') resolve()
    })
  })
  const second = quarry.run(process)
  await waits
  await writeFile(file, 'budgets: []\n')
  expect(await second).toHaveProperty('answer')
})

it('a budget counts the input of a call that is cut, as AWS bills it', async () => {
  const { quarry } = await quarryWith('{ name: cut, period: month, tokens: 1000000, action: wait }')
  const process = await quarry.deploy({
    inputs: converseInputs(`hang@${randomUUID()}`),
    headers: { jobTimeout: 'PT1S' },
    retries: '1',
  })
  await runToItsEnd(quarry, process)
  // "Hello there", estimated.
  await expect.poll(() => spent(quarry)).toEqual([expect.toSatisfy((tokens: number) => tokens > 0)])
})

it('a budget in dollars refuses models without a price if the operator chose that', async () => {
  const budget = '{ name: dollars, period: month, usd: 100, action: fail }'
  const { quarry } = await quarryWith(budget, 'unpriced: refuse\n')
  const modelId = `of-tomorrow@${randomUUID()}`
  const process = await quarry.deploy({ inputs: converseInputs(modelId), retries: '3' })
  const { incident } = await runToItsEnd(quarry, process)
  expect(incident?.value['errorMessage']).toContain('Nothing was called: Quarry knows no price of the model')
  expect(await callsOf(modelId)).toEqual([])
})
