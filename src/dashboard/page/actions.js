// What an operator may do: each with the words that say what will happen, before it does.
import { change, jobPath, lanePath } from './api.js'
import { count, figure, plural } from './format.js'

const lane = ({ model, region }) => `${model} in ${region}`

/** `idle` says why an action would change nothing, null when it would; `fields` are asked for in the dialog. */
export const ACTIONS = {
  pause: {
    label: 'Pause',
    idle: ({ state }) => (state === 'paused' ? 'The lane is paused already.' : null),
    title: 'Pause this lane?',
    text: (of) => [
      `No worker takes jobs of ${lane(of)} any more, in any process. ${plural(of.active, 'job')} with workers now end as they would.`,
      'Jobs go on coming into the lane and wait there; their longest wait (QUARRY_MAX_WAIT) goes on. It stays paused until somebody resumes it.',
    ],
    confirm: 'Pause lane',
    run: (of) => change('POST', `${lanePath(of.name)}/pause`),
    done: (of) => `Paused ${lane(of)}.`,
  },
  resume: {
    label: 'Resume',
    idle: ({ state }) => (state === 'running' ? 'The lane is running.' : null),
    title: 'Resume this lane?',
    text: (of) => [
      `Workers take jobs of ${lane(of)} again, ${plural(of.waiting + of.delayed, 'job')} to begin with, at the pace that the quota allows.`,
      'Jobs that went back to Zeebe while it was drained come again when their short lease ends.',
    ],
    confirm: 'Resume lane',
    run: (of) => change('POST', `${lanePath(of.name)}/resume`),
    done: (of) => `Resumed ${lane(of)}.`,
  },
  drain: {
    label: 'Drain',
    idle: ({ state }) => (state === 'draining' ? 'The lane is draining already.' : null),
    title: 'Drain this lane?',
    text: (of) => [
      `Adapters put no more jobs into ${lane(of)}: they stay with Zeebe, their retries as they are. ${plural(of.waiting + of.delayed, 'job')} in the lane now are sent.`,
      'It drains until somebody resumes it.',
    ],
    confirm: 'Drain lane',
    run: (of) => change('POST', `${lanePath(of.name)}/drain`),
    done: (of) => `Draining ${lane(of)}.`,
  },
  pace: {
    label: 'Set pace…',
    idle: () => null,
    title: 'Set the pace of this lane',
    text: (of) => [
      `These figures count in place of the quota of ${lane(of)}, above it too, in all processes within two seconds, until they are taken back. An empty field goes back to the quota.`,
    ],
    fields: (of) => [
      field(of, 'requestsPerMinute', 'Requests per minute'),
      field(of, 'tokensPerMinute', 'Tokens per minute, input and output together'),
      field(of, 'concurrency', 'Calls in flight, of all workers together'),
    ],
    confirm: 'Set pace',
    run: (of, values) => change('PUT', `${lanePath(of.name)}/pace`, values),
    done: (of, values) => `Set the pace of ${lane(of)}: ${described(values)}.`,
  },
}

function field({ wished, quota }, name, label) {
  const isWished = wished.includes(name)
  const now = quota[name]
  const hint = isWished ? 'set live now' : now === null ? 'no quota is set' : `the quota is ${figure(now)}`
  return { name, label, hint, value: isWished ? String(now) : '' }
}

function described(values) {
  return [
    ['requestsPerMinute', 'rpm'],
    ['tokensPerMinute', 'tpm'],
    ['concurrency', 'calls'],
  ]
    .map(([name, unit]) => `${values[name] === null ? 'quota’s' : count(values[name])} ${unit}`)
    .join(', ')
}

export const RETRY = {
  title: 'Retry this job?',
  text: ({ key }) => [
    `If job ${key} is put off, it gets its turn now. If it failed for good, an adapter sets its retries and resolves its incident in Camunda, so that it is called again, and paid again.`,
    'A job that waits for its turn or is with a worker stays as it is.',
  ],
  confirm: 'Retry job',
  run: ({ key }) => change('POST', `${jobPath(key)}/retry`),
  done: (_, __, told) => told.message,
}
