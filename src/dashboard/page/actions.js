// What an operator may do. Each dialog states the consequences before anything happens.
import { changeLane, retryJob, setPace } from './api.js'
import { count, figure, plural } from './format.js'

/**
 * @import { JobPlace, JobView } from '../../control/job-view.ts'
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
    idle: ({ state }) => (state === 'paused' ? 'The lane is already paused.' : null),
    question: (of) => ({
      title: 'Pause this lane?',
      text: [
        `All workers stop taking jobs of ${lane(of)}. ${plural(of.active, 'job')} that workers have now will finish.`,
        'New jobs still enter the lane and wait there. Jobs that wait longer than QUARRY_MAX_WAIT fail. The lane stays paused until somebody resumes it.',
      ],
      confirm: 'Pause lane',
      run: () => changeLane(of.name, 'pause').then(() => `Paused ${lane(of)}.`),
    }),
  },
  resume: {
    label: 'Resume',
    idle: ({ state, draining }) => {
      if (state === 'running') return 'The lane is running.'
      if (state === 'outage' && !draining) return 'The lane continues by itself when the outage is over.'
      return null
    },
    question: (of) => ({
      title: 'Resume this lane?',
      text: [
        `Workers take jobs of ${lane(of)} again, at the pace that its quota allows. ${plural(of.waiting + of.delayed, 'job')} wait now.`,
        'Jobs that went back to Zeebe while the lane was draining return when their short lease ends.',
      ],
      confirm: 'Resume lane',
      run: () => changeLane(of.name, 'resume').then(() => `Resumed ${lane(of)}.`),
    }),
  },
  drain: {
    label: 'Drain',
    idle: ({ draining }) => (draining ? 'The lane is already draining.' : null),
    question: (of) => ({
      title: 'Drain this lane?',
      text: [
        `Adapters stop adding jobs to ${lane(of)}: new jobs stay with Zeebe and keep their retries. ${plural(of.waiting + of.delayed, 'job')} that wait in the lane now will be sent.`,
        'The lane keeps draining until somebody resumes it.',
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
        `These limits override the quota of ${lane(of)}, even if they are higher. All processes apply them within two seconds, until you clear them. An empty field returns to the quota.`,
      ],
      fields: [
        field(of, 'requestsPerMinute', 'Requests per minute'),
        field(of, 'tokensPerMinute', 'Tokens per minute, input plus output'),
        field(of, 'concurrency', 'Calls in flight, all workers together'),
      ],
      confirm: 'Set pace',
      run: (values) =>
        setPace(of.name, values).then(() => `Set the pace of ${lane(of)}: ${described(values)}.`),
    }),
  },
}

/** @param {LaneLine} of @param {Field['name']} name @param {string} label @returns {Field} */
function field({ overridden, quota }, name, label) {
  const isOverridden = overridden.includes(name)
  const now = quota[name]
  const hint = isOverridden
    ? 'set by an operator'
    : now === null
      ? 'no quota is set'
      : `the quota is ${figure(now)}`
  return { name, label, hint, value: isOverridden ? String(now) : '' }
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
const ofPace = (value = null) => (value === null ? 'as the quota' : count(value))

/** Why a retry would change nothing; null when it would. @type {Record<JobPlace, string | null>} */
const RETRY_IDLE = {
  waiting: 'The job is already waiting for its turn.',
  delayed: null,
  active: 'A worker has the job.',
  outbox: 'The job is answered. Its result is reported by itself.',
  zeebe: null,
  missing: null,
}

/** @param {JobView} job */
export const retryIdle = ({ place }) => RETRY_IDLE[place] ?? null

/** @param {JobView} job @returns {Question} */
export const retryQuestion = ({ key }) => ({
  title: 'Retry this job?',
  text: [
    `If job ${key} is delayed, it moves to the front of its lane. If it failed and has an incident, an adapter sets its retries and resolves the incident in Camunda: the model is called, and paid, again.`,
  ],
  confirm: 'Retry job',
  run: () => retryJob(key).then(({ message }) => message),
})
