import { afterAll, describe, expect, test } from 'vitest'
import { makeAside } from '../../src/aside/aside.ts'
import { admit } from '../../src/execute/admit-job.ts'
import { makeJobRoom } from '../../src/execute/job-room.ts'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import { jobKey } from '../../src/job/ids.ts'
import { LARGE_UNITS, unitsOf } from '../../src/job/large-job.ts'
import { type QueuedJob, writeQueuedJob } from '../../src/job/queued-job.ts'
import { makePayloadCodec, PayloadError, payloadKey } from '../../src/payload/payload-codec.ts'

const served = { name: 'lane' } as unknown as ServedLane
const job: QueuedJob = {
  ...{ key: jobKey('1'), epoch: 1, processInstanceKey: '2', processDefinitionKey: '3', elementId: 'e' },
  ...{ tenantId: 't', bpmnProcessId: 'p', retries: 3, customHeaders: '{}' },
  variables: JSON.stringify('x'.repeat(LARGE_UNITS)),
}
const codec = makePayloadCodec([payloadKey('ab'.repeat(32))])
const id = 'z-1-1'
const payload = codec.encode(writeQueuedJob(job), id)
const never = new AbortController().signal
const aside = makeAside()
afterAll(() => aside.close())

describe('a large job', () => {
  test.each([unitsOf(job), undefined, Number.POSITIVE_INFINITY])(
    'is admitted, and releases its memory afterwards (its lane names the size: %s)',
    async (units) => {
      const room = makeJobRoom(1)
      const stored = { id, name: '', payload, ...(units === undefined ? {} : { units }) }
      const admitted = await admit({ codec, room, aside, leaving: never }, stored, served)
      if (admitted.kind !== 'in') throw new Error('it is to come in')
      expect(admitted.job).toEqual(job)
      expect(room.tryEnter(1)).toBeNull()
      admitted.leave()
      expect(room.tryEnter(1)).not.toBeNull()
    },
  )

  test('that cannot be read is reported, and releases its memory', async () => {
    const room = makeJobRoom(1)
    const stored = { id: 'z-2-1', name: '', payload, units: unitsOf(job) }
    const admitted = await admit({ codec, room, aside, leaving: never }, stored, served)
    expect(admitted).toMatchObject({ kind: 'unread', fault: { name: 'PayloadError', code: 'damaged' } })
    expect(admitted.kind === 'unread' && admitted.fault).toBeInstanceOf(PayloadError)
    expect(room.tryEnter(1)).not.toBeNull()
  })

  test('is read on the main thread if the aside thread declines it', async () => {
    const run = () => Promise.reject(new Error('gone'))
    const broken = { isLarge: () => true, run, close: async () => undefined }
    const stored = { id, name: '', payload, units: unitsOf(job) }
    const parts = { codec, room: makeJobRoom(1), aside: broken, leaving: never }
    expect(await admit(parts, stored, served)).toMatchObject({ kind: 'in', job })
  })
})
