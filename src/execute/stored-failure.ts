// The last failure of a job as stored in its record. With a payload key it is encrypted, since it may repeat a prompt and becomes the job's
// error. The fields that `quarry jobs` shows stay readable, for processes without a key.
import { BUDGET_WAIT, type CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'
import { type QueuedJob, queuedJobId } from '../job/queued-job.ts'
import { type PayloadCodec, PayloadError } from '../payload/payload-codec.ts'

type Of = Pick<QueuedJob, 'key' | 'epoch'>
type Shown = Pick<CallFailure, 'name' | 'status' | 'message'>

/** Leaves out the body of the answer. */
export function writeFailure({ body: _, ...failure }: CallFailure, codec: PayloadCodec, job: Of): string {
  const text = JSON.stringify(failure)
  if (!codec.encrypts) return text
  return JSON.stringify({
    ...shownOf(failure),
    sealed: codec.encode(text, queuedJobId(job.key, job.epoch), 'failure'),
  })
}

/** Of messages, shows only those of budgets and the name of a used-up quota. */
function shownOf(failure: CallFailure): Shown {
  const { name, status } = failure
  const used = longQuota(failure)
  const ofDay = used !== null && / day /.test(used)
  const message = name === BUDGET_WAIT ? failure.message : ofDay ? `${used}, per day` : ''
  return { name, message, ...(status === undefined ? {} : { status }) }
}

/** Reads what {@link writeFailure} wrote. With a key, text by anyone else is ignored. */
export function readFailure(text: string, codec: PayloadCodec, job: Of): CallFailure {
  try {
    const { sealed } = JSON.parse(text) as { readonly sealed?: string }
    return JSON.parse(
      codec.decode(sealed ?? `1p${text}`, queuedJobId(job.key, job.epoch), 'failure'),
    ) as CallFailure
  } catch (error) {
    if (error instanceof PayloadError || error instanceof SyntaxError) return NOT_KNOWN
    throw error
  }
}

const NOT_KNOWN: CallFailure = {
  name: 'AbortError',
  message: 'the last failure is not known, as it was not written with a payload key of these processes',
  network: 'other',
}
