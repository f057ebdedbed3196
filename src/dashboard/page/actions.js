// What an operator may do: each with the words that say what will happen, before it does.
import { changeLane, retryJob, setPace } from './api.js'
import { count, figure, plural } from './format.js'

/**
 * @import { JobView } from '../../control/job-view.ts'
 * @import { LaneAction } from '../lane-actions.ts'
 * @import { LaneLine } from '../lane-line.ts'
 * @import { Field, Figures, LaneChange, Question } from './page-state.ts'
 */

/** @param {LaneLine} of */
const lane = ({ model, region }) => `${model} in ${region}`

/** @type {Record<LaneAction | 'pace', LaneChange>} */
export const ACTIONS = {
  pause: {
    label: 'Pause',
    idle: ({ state }) => (state === 'paused' ? 'The lane is paused already.' : null),
    question: (of) => ({
      title: 'Pause this lane?',
      text: [
        `No worker takes jobs of ${lane(of)} any more, in any process. ${plural(of.active, 'job')} with workers now end as they would.`,
        'Jobs go on coming into the lane and wait there; their longest wait (QUARRY_MAX_WAIT) goes on. It stays paused until somebody resumes it.',
      ],
      confirm: 'Pause lane',
      run: () => changeLane(of.name, 'pause').then(() => `Paused ${lane(of)}.`),
    }),
  },
  resume: {
    label: 'Resume',
    idle: ({ state, draining }) => {
      if (state === 'running') return 'The lane is running.'
      if (state === 'outage' && !draining) return 'The lane goes on by itself when the outage is over.'
      return null
    },
    question: (of) => ({
      title: 'Resume this lane?',
      text: [
        `Workers take jobs of ${lane(of)} again, ${plural(of.waiting + of.delayed, 'job')} to begin with, at the pace that the quota allows.`,
        'Jobs that went back to Zeebe while it was drained come again when their short lease ends.',
      ],
      confirm: 'Resume lane',
      run: () => changeLane(of.name, 'resume').then(() => `Resumed ${lane(of)}.`),
    }),
  },
  drain: {
    label: 'Drain',
    idle: ({ draining }) => (draining ? 'The lane is draining already.' : null),
    question: (of) => ({
      title: 'Drain this lane?',
      text: [
        `Adapters put no more jobs into ${lane(of)}: they stay with Zeebe, their retries as they are. ${plural(of.waiting + of.delayed, 'job')} in the lane now are sent.`,
        'It drains until somebody resumes it.',
      ],
      confirm: 'Drain lane',
      run: () => changeLane(of.name, 'drain').then(() => `Draining ${lane(of)}.`),
    }),
  },
  pace: {
    label: 'Set pace…',
    idle: () => null,
    question: (of) => ({
      title: 'Set the pace of this lane',
      text: [
        `These figures count in place of the quota of ${lane(of)}, above it too, in all processes within two seconds, until they are taken back. An empty field goes back to the quota.`,
      ],
      fields: [
        field(of, 'requestsPerMinute', 'Requests per minute'),
        field(of, 'tokensPerMinute', 'Tokens per minute, input and output together'),
        field(of, 'concurrency', 'Calls in flight, of all workers together'),
      ],
      confirm: 'Set pace',
      run: (values) =>
        setPace(of.name, values).then(() => `Set the pace of ${lane(of)}: ${described(values)}.`),
    }),
  },
}

/** @param {LaneLine} of @param {Field['name']} name @param {string} label @returns {Field} */
function field({ wished, quota }, name, label) {
  const isWished = wished.includes(name)
  const now = quota[name]
  const hint = isWished ? 'set live now' : now === null ? 'no quota is set' : `the quota is ${figure(now)}`
  return { name, label, hint, value: isWished ? String(now) : '' }
}

/** @param {Figures} values */
function described({ requestsPerMinute, tokensPerMinute, concurrency }) {
  return [
    `${ofPace(requestsPerMinute)} rpm`,
    `${ofPace(tokensPerMinute)} tpm`,
    `${ofPace(concurrency)} calls`,
  ].join(', ')
}

/** @param {number | null} [value] */
const ofPace = (value = null) => (value === null ? 'quota’s' : count(value))

/** @param {JobView} job @returns {Question} */
export const retryQuestion = ({ key }) => ({
  title: 'Retry this job?',
  text: [
    `If job ${key} is put off, it gets its turn now. If it failed for good, an adapter sets its retries and resolves its incident in Camunda, so that it is called again, and paid again.`,
    'A job that waits for its turn or is with a worker stays as it is.',
  ],
  confirm: 'Retry job',
  run: () => retryJob(key).then(({ message }) => message),
})
