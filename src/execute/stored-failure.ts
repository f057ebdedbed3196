// The last failure of a job as it lies in its record: with a payload key encrypted, since it may repeat a prompt, and since
// Zeebe is told it in the end. Beside it stands what `quarry jobs` shows, for processes that have no key.
import { BUDGET_WAIT, type CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'
import { type QueuedJob, queuedJobId } from '../job/queued-job.ts'
import { type PayloadCodec, PayloadError } from '../payload/payload-codec.ts'

type Of = Pick<QueuedJob, 'key' | 'epoch'>
type Shown = Pick<CallFailure, 'name' | 'status' | 'message'>

/** Without what an answer said. */
export function writeFailure({ body: _, ...failure }: CallFailure, codec: PayloadCodec, job: Of): string {
  const text = JSON.stringify(failure)
  if (!codec.encrypts) return text
  return JSON.stringify({
    ...shownOf(failure),
    sealed: codec.encode(text, queuedJobId(job.key, job.epoch), 'failure'),
  })
}

/** What a budget says is our own, and which quota is used up; nothing else of a message. */
function shownOf(failure: CallFailure): Shown {
  const { name, status } = failure
  const used = longQuota(failure)
  const ofDay = used !== null && / day /.test(used)
  const message = name === BUDGET_WAIT ? failure.message : ofDay ? `${used}, per day` : ''
  return { name, message, ...(status === undefined ? {} : { status }) }
}

/** What {@link writeFailure} wrote; with a key, what somebody else wrote tells nothing. */
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
